// What pages gain with script: keys, refresh in place, confirmations in a dialog, previews of files, counts.
// Every page works without it. Nothing is written as HTML from data: parts come from our own pages, parsed as documents.
(() => {
  "use strict";
  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ---------- keys ----------
  const typing = (target) => target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const rows = () => all("[data-rows] > *").filter((row) => one("a[href]", row));

  function step(by) {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.classList.contains("on"));
    const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + by))];
    list.forEach((row) => row.classList.toggle("on", row === next));
    one("a[href]", next).focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const single = {
    "/": () => one("[data-search]")?.focus(),
    "?": () => one("a[data-dialog][href$='/help']")?.click(),
    j: () => step(1),
    k: () => step(-1),
  };

  function onKey(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method is at work
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form") || one("form[data-main]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.key === "Escape") return close(event);
    if (event.ctrlKey || event.metaKey || event.altKey || root.dataset.keys === "off" || typing(event.target)) return;
    const choice = /^[1-9]$/.test(event.key) && one(`[data-key="${event.key}"]`);
    if (choice) { event.preventDefault(); choice.checked = true; choice.focus(); choice.dispatchEvent(new Event("change", { bubbles: true })); return; }
    if (single[event.key] && !one("dialog[open]")) { event.preventDefault(); single[event.key](); }
  }

  function close(event) {
    const open = all("details.menu[open]");
    if (!open.length) return;
    event.preventDefault();
    open.forEach((menu) => { menu.open = false; one("summary", menu).focus(); });
  }

  // ---------- parts of our own pages ----------
  async function fetched(address) {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.redirected && new URL(answer.url).pathname.endsWith("/login")) { location.assign(answer.url); return null; }
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  }

  function takeIcons(from) {
    const here = one("#icons");
    all("#icons > symbol", from).forEach((symbol) => { if (!document.getElementById(symbol.id)) here?.append(document.importNode(symbol, true)); });
  }

  // An element with data-refresh="milliseconds" is replaced by its fresh self until that has no data-refresh any more.
  function refresh(part) {
    const pause = Math.max(1000, Number(part.dataset.refresh) || 2000);
    setTimeout(async () => {
      let next = part;
      try {
        const page = document.hidden ? null : await fetched(part.dataset.address || location.href);
        const fresh = page && page.getElementById(part.id);
        if (fresh) { takeIcons(page); next = document.importNode(fresh, true); part.replaceWith(next); arm(next); }
      } catch { /* the network is away: the next round tries again */ }
      if (next.dataset.refresh) refresh(next);
    }, pause);
  }

  // A link with data-dialog shows the page it leads to in a dialog; anything unexpected just follows the link.
  async function ask(link) {
    let page = null;
    try { page = await fetched(link.href); } catch { /* followed below */ }
    const main = page && one("main", page);
    if (!main || !window.HTMLDialogElement) { location.assign(link.href); return; }
    takeIcons(page);
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    dialog.setAttribute("aria-label", page.title.split(" · ")[0]);
    const shut = document.createElement("button");
    shut.className = "btn btn-quiet btn-sm dialog-close";
    shut.textContent = "✕";
    shut.setAttribute("aria-label", root.lang === "en" ? "Close" : "关闭");
    shut.addEventListener("click", () => dialog.close());
    dialog.append(shut, ...[...main.childNodes].map((node) => document.importNode(node, true)));
    all("form:not([action])", dialog).forEach((form) => { form.action = link.href; });
    dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
    document.body.append(dialog);
    arm(dialog);
    dialog.showModal();
  }

  // ---------- files and counts ----------
  function listFiles(input) {
    const place = one(`[data-files-of="${input.id}"]`);
    if (!place) return;
    const size = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
    place.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(" · ");
  }

  function count(field) {
    const most = Number(field.dataset.count);
    const place = document.getElementById(`${field.id}-count`) || document.createElement("p");
    if (!place.id) { place.id = `${field.id}-count`; place.className = "hint"; field.after(place); }
    place.textContent = `${[...field.value].length} / ${most}`;
  }

  function countChosen(form) {
    const place = one("[data-chosen]", form);
    if (place) place.textContent = all("tbody input[type=checkbox]:checked", form).length;
  }

  function arm(within) {
    all("[data-count]", within).forEach(count);
    if (within !== document) return;
    all("[data-refresh]").forEach(refresh);
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[data-print]") && !event.ctrlKey && !event.metaKey && window.print) { event.preventDefault(); window.print(); }
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) { event.preventDefault(); ask(link); }
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("input", (event) => { if (event.target.dataset.count) count(event.target); });
  document.addEventListener("change", (event) => {
    const { target } = event;
    if (target.matches("input[type=file][data-files]")) listFiles(target);
    if (target.matches("[data-all]")) all("tbody input[type=checkbox]", target.closest("table")).forEach((box) => { box.checked = target.checked; });
    if (target.matches("input[type=checkbox]") && target.form) countChosen(target.form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent && event.timeStamp - Number(form.dataset.sent) < 3000) { event.preventDefault(); return; } // a second click
    form.dataset.sent = event.timeStamp;
  });

  arm(document);
  one("#mistakes")?.focus();
})();
