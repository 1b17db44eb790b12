"""Networks from outside: drafts, passes, and what becomes of them."""
