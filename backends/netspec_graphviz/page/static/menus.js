/** The menus of the header, and on narrow screens the tabs below that show one part of the page at a time. */
const Menus = (() => {
  const { byId } = Elements;
  const menus = () => [...document.querySelectorAll(".menu")];
  const phone = matchMedia("(max-width: 759px)");
  let shown = () => {};

  /** on: called with the name of a tab when it is shown. */
  function begin(on) {
    shown = on;
    document.addEventListener("pointerdown", (event) => {
      for (const menu of menus()) if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
    for (const button of byId("tabs").children) button.addEventListener("click", () => tab(button.dataset.tab));
    if (innerWidth < 1280) byId("legend").open = false;
    phone.addEventListener("change", () => tab(document.body.dataset.tab));
    tab("drawing");
  }

  /** Closes the open menu; returns whether there was one. */
  function close() {
    const open = menus().find((menu) => menu.open);
    if (!open) return false;
    open.open = false;
    open.firstElementChild.focus();
    return true;
  }

  function tab(name) {
    document.body.dataset.tab = name;
    // Beside the drawing, which is always there on a wider screen, are the details or the table.
    const pressed = name === "drawing" && !phone.matches ? "details" : name;
    for (const button of byId("tabs").children) button.setAttribute("aria-pressed", String(button.dataset.tab === pressed));
    shown(name);
  }

  /** Names the selected item on the tab of the details. */
  function name(text) {
    byId("tabs").children[1].textContent = text ? `Details: ${text}` : "Details";
  }

  return { begin, close, tab, name };
})();
