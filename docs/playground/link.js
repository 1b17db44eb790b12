// The state of the page in the fragment of its address: a network of the zoo by name, any other spec as compressed text.

const MOST = 1_000_000; // characters of a spec; a link that unpacks to more is ignored

export async function write({ text, zoo, variant, view }) {
  const fields = new URLSearchParams();
  if (zoo) fields.set("zoo", zoo);
  else fields.set("spec", await pack(text));
  if (variant) fields.set("variant", variant);
  if (view !== "report") fields.set("view", view);
  return `#${fields}`;
}

export async function read(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const state = { zoo: fields.get("zoo"), variant: fields.get("variant"), view: fields.get("view") ?? "report" };
  if (fields.has("spec")) state.text = await unpack(fields.get("spec")).catch(() => null);
  return state;
}

async function pack(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpack(packed) {
  const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > MOST) throw new Error("too long");
  }
}
