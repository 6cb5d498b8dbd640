({
  // Texts with too little contrast to the colour behind them (WCAG: at least 4.5), with both colours.
  paleTexts: () => {
    const channels = text => text.match(/[\d.]+/g).map(Number);
    const over = (top, bottom) => [0, 1, 2].map(i => (top[3] ?? 1) * (top[i] - bottom[i]) + bottom[i]);
    const light = color => {
      const linear = color.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = node => node === null
      ? [255, 255, 255]
      : over(channels(getComputedStyle(node).backgroundColor), behind(node.parentElement));
    const pale = [];
    for (const node of document.querySelectorAll("body *")) {
      const hasText = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
      const isShown = node.checkVisibility({opacityProperty: true});
      if (!hasText || !isShown || node.closest("svg, style, script, [disabled], .q-icon")) continue;
      const back = behind(node), front = over(channels(getComputedStyle(node).color), back);
      const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
      if ((high + 0.05) / (low + 0.05) < 4.5) pale.push(`${node.textContent.trim()}: ${front} on ${back}`);
    }
    return pale;
  },
  // Buttons, links, fields and dialogs that a screen reader has no words for: those of icons are hidden from it.
  nameless: () => {
    const said = node => [...node.childNodes].map(child => child.nodeType === 3
      ? child.textContent : child.ariaHidden === "true" ? "" : said(child)).join("").trim();
    return [...document.querySelectorAll(
      "button, a[href], input:not([type=file]), [role=checkbox], [role=slider], [role=dialog]"
    )]
      .filter(n => n.checkVisibility() && !n.labels?.length)
      .filter(n => !n.ariaLabel && (n.role === "dialog" || !said(n) && !n.closest("label")))
      .map(n => n.outerHTML.slice(0, 200));
  },
})
