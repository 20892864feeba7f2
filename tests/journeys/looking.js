// What is looked for in a page that is open: each function gives a list of sentences, empty where all is well.
// Evaluated by the debugger, so that the page's own content security policy stays on.
(() => {
  const shown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !hiddenFromSight(element);

  // GOV.UK's visually hidden: a box of one pixel, cut.
  function hiddenFromSight(element) {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.position === "absolute" && (style.clipPath !== "none" || style.clip !== "auto")) return true;
    }
    return false;
  }

  function name(element) {
    const text = (element.getAttribute("aria-label") || element.textContent || element.value || "").trim();
    const id = element.id ? `#${element.id}` : "";
    return `<${element.localName}${id} class="${element.className.baseVal ?? element.className}"> ${text.slice(0, 50).replace(/\s+/g, " ")}`;
  }

  async function axe(rules) {
    const options = { resultTypes: ["violations"] };
    if (rules) options.runOnly = { type: "rule", values: rules };
    const found = await window.axe.run(document, options);
    return found.violations.map(
      (one) => `axe ${one.id}: ${one.nodes.map((node) => `${node.target} ${node.html.slice(0, 200)}`).join(" | ")}`,
    );
  }

  // Nothing sticks out at the right or left, unless its own box scrolls.
  function outside() {
    const found = [];
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > innerWidth) {
      found.push(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${innerWidth}`);
    }
    for (const element of document.body.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      if (box.width < 2 || box.height < 2 || (box.right <= wide + 1 && box.left >= -1)) continue;
      if (!shown(element) || element.closest("[data-label] .page, svg *")) continue;
      let scrolls = false;
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        const overflow = getComputedStyle(at).overflowX;
        if (overflow === "auto" || overflow === "scroll" || overflow === "hidden") scrolls = true;
      }
      if (!scrolls) found.push(`sticks out (${Math.round(box.left)} to ${Math.round(box.right)}): ${name(element)}`);
    }
    return found.slice(0, 5);
  }

  // What stands in a row keeps to its own place.
  function overlaps() {
    const found = [];
    for (const row of document.querySelectorAll(".cb-bar, .cb-navigation-end, .moj-sub-navigation__list, .cb-title-row")) {
      const boxes = [...row.querySelectorAll("a, button, input, h1")]
        .filter((one) => shown(one) && one.getBoundingClientRect().width > 2)
        .map((one) => ({ one, box: one.getBoundingClientRect() }));
      for (const [at, { one, box }] of boxes.entries()) {
        const other = boxes.slice(at + 1).find(({ one: next, box: b }) =>
          !one.contains(next) && b.left < box.right - 2 && b.right > box.left + 2 && b.top < box.bottom - 2 && b.bottom > box.top + 2);
        if (other) found.push(`one over the other: ${name(one)} and ${name(other.one)}`);
      }
    }
    return found.slice(0, 4);
  }

  // A column so narrow that its words stand one letter under the other.
  function squeezed() {
    return [...document.querySelectorAll("td, th, li, p, h1, h2, dd, dt")]
      .filter((one) => shown(one) && one.textContent.trim().length > 20)
      .filter((one) => {
        // Of its words, not of the row that it stands in.
        const words = document.createRange();
        words.selectNodeContents(one);
        const [box, room] = [words.getBoundingClientRect(), one.getBoundingClientRect()];
        return room.width > 0 && room.width < 90 && box.height > 3 * room.width;
      })
      .map((one) => `squeezed to ${Math.round(one.getBoundingClientRect().width)} px: ${name(one)}`)
      .slice(0, 3);
  }

  const canvas = document.createElement("canvas").getContext("2d");
  function width(text, style) {
    canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    return canvas.measureText(text).width;
  }

  // Text that does not fit its box and is cut. Where the whole of it is told otherwise (title) it may be.
  function cut() {
    const found = [];
    for (const element of document.body.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      if (element instanceof HTMLSelectElement) {
        const text = element.selectedOptions[0]?.text ?? "";
        const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 18;
        if (shown(element) && width(text, style) > room + 2) found.push(`cut: ${text} in ${name(element).slice(0, 80)}`);
      } else if (element instanceof HTMLInputElement && element.placeholder) {
        const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        if (shown(element) && width(element.placeholder, style) > room + 1) found.push(`cut: the placeholder ${element.placeholder}`);
      }
      // Words of a cell or a button that run on over the next one.
      if (["TH", "TD", "BUTTON"].includes(element.tagName) && shown(element)) {
        const edge = element.getBoundingClientRect().right + 1;
        for (const text of element.childNodes) {
          if (text.nodeType !== Node.TEXT_NODE || !text.textContent.trim()) continue;
          const range = document.createRange();
          range.selectNodeContents(text);
          if (range.getBoundingClientRect().right > edge) found.push(`runs over its edge: ${name(element)}`);
        }
      }
      if (![style.overflowX, style.overflowY].some((value) => value === "hidden" || value === "clip")) continue;
      const over =
        (["hidden", "clip"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1) ||
        (["hidden", "clip"].includes(style.overflowY) && element.scrollHeight > element.clientHeight + 3);
      if (!over || !element.textContent?.trim() || element === document.body) continue;
      if (!shown(element) || element.closest("[title], .page, svg")) continue;
      found.push(`cut (${element.scrollWidth} in ${element.clientWidth}, ${element.scrollHeight} in ${element.clientHeight}): ${name(element)}`);
    }
    return found.slice(0, 8);
  }

  // What shows that something has the focus.
  function look(element, forced) {
    const said = [];
    const parts = [[element, null]];
    // Boxes that are drawn by their label, and an input whose frame is its parent's.
    if (element.nextElementSibling?.localName === "label") {
      parts.push([element.nextElementSibling, "::before"], [element.nextElementSibling, null]);
    }
    if (element.localName === "summary") parts.push([element.firstElementChild ?? element, null]);
    for (const [part, pseudo] of parts) {
      const style = getComputedStyle(part, pseudo);
      const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      said.push(outlined ? `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}` : "no outline");
      said.push(style.borderStyle, style.borderWidth, style.textDecorationLine);
      if (!forced) said.push(style.boxShadow, style.backgroundColor, style.borderColor);
    }
    return said.join(" ");
  }

  // Everything that takes the focus shows that it has it.
  function unseen(forced) {
    const still = new CSSStyleSheet();
    still.replaceSync("*, *::before, *::after { transition: none !important; }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
    const found = [];
    const old = document.activeElement;
    const many = new Map();
    for (const element of document.querySelectorAll(
      'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]',
    )) {
      if (element.disabled || element.tabIndex < 0 || element.closest("[inert]")) continue;
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      // One of each kind is enough of a long list.
      const kind = `${element.localName}.${element.className}.${element.type ?? ""}`;
      many.set(kind, (many.get(kind) ?? 0) + 1);
      if (many.get(kind) > 3) continue;
      element.blur();
      const before = look(element, forced);
      element.focus({ preventScroll: true });
      if (document.activeElement !== element) continue;
      if (look(element, forced) === before) found.push(`its focus is not seen${forced ? " in forced colours" : ""}: ${name(element)}`);
      element.blur();
    }
    if (old instanceof HTMLElement) old.focus({ preventScroll: true });
    document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
    return found.slice(0, 8);
  }

  // Whether what has the focus shows it: by an outline, a shadow around it, or the yellow of GOV.UK.
  function seen(element) {
    const label = element.nextElementSibling?.localName === "label" ? element.nextElementSibling : null;
    return [getComputedStyle(element), ...(label ? [getComputedStyle(label, "::before")] : [])].some(
      (style) =>
        (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) ||
        style.boxShadow !== "none" ||
        style.backgroundColor === "rgb(255, 221, 0)",
    );
  }

  // In forced colours backgrounds go: what was told by them alone must be told otherwise.
  function colourless() {
    const found = [];
    for (const element of document.querySelectorAll("button, input, select, textarea, a.govuk-button, [role=tab]")) {
      if (!shown(element) || element.type === "radio" || element.type === "checkbox" || element.type === "hidden" || element.type === "file") continue;
      const style = getComputedStyle(element);
      const framed = style.borderStyle.split(" ").some((one) => one !== "none") && parseFloat(style.borderBottomWidth) > 0;
      const words = element.textContent.trim() || element.querySelector("svg");
      const link = style.textDecorationLine.includes("underline");
      const plain = element.localName === "button" || element.localName === "a" || element.role === "tab";
      if (!framed && !link && !(plain && words)) found.push(`nothing is left of it in forced colours: ${name(element)}`);
      for (const icon of element.querySelectorAll("svg")) {
        if (!icon.checkVisibility()) continue;
        for (const shape of [icon, ...icon.querySelectorAll("path, rect, circle, line, polyline")]) {
          const drawn = getComputedStyle(shape);
          for (const colour of [drawn.fill, drawn.stroke]) {
            const used = shape !== icon && colour !== "none";
            if (used && colour !== getComputedStyle(icon).color) {
              found.push(`an icon keeps its own colour (${colour}) in forced colours: ${name(element)}`);
            }
          }
        }
      }
    }
    return [...new Set(found)].slice(0, 5);
  }

  // With reduced motion nothing moves.
  function moving() {
    return document
      .getAnimations()
      .filter((one) => one.playState === "running" && one.effect?.getComputedTiming().duration > 20)
      .map((one) => `moves: ${name(one.effect.target)}`);
  }

  // Landmarks and headings that a screen reader lists: none the same as another, no level left out.
  function listed() {
    const found = [];
    const landmarks = new Map();
    const kinds = "header, footer, nav, main, aside, form[role], section, [role=banner], [role=navigation], [role=main], [role=complementary], [role=search], [role=region], [role=contentinfo]";
    for (const element of document.querySelectorAll(kinds)) {
      if (!element.checkVisibility()) continue;
      const by = element.getAttribute("aria-labelledby");
      const called = by ? document.getElementById(by)?.textContent.trim() : element.getAttribute("aria-label");
      if (element.localName === "section" && !called && !element.role) continue;
      const kind = `${element.getAttribute("role") ?? element.localName} “${called ?? ""}”`;
      landmarks.set(kind, (landmarks.get(kind) ?? 0) + 1);
    }
    for (const [kind, times] of landmarks) if (times > 1) found.push(`${times} landmarks are called ${kind}`);
    return found;
  }

  // Everything there is in a page, opened.
  function open() {
    let opened = 0;
    for (const part of document.querySelectorAll("main details:not([open])")) {
      part.open = true;
      opened += 1;
    }
    for (const button of document.querySelectorAll("main input[type=radio][data-reveals]:not(:checked)")) {
      button.click();
      opened += 1;
    }
    for (const button of document.querySelectorAll('main button[aria-expanded="false"], .govuk-js-service-navigation-toggle[aria-expanded="false"]')) {
      if (!button.checkVisibility()) continue;
      button.click();
      opened += 1;
    }
    return opened;
  }

  window.looking = { axe, outside, overlaps, squeezed, cut, unseen, seen, colourless, moving, listed, open };
})();
