/** Offsets in the text of an element, in UTF-16 units, and what of the page shows them. */

/** The offset of the character boundary that is closest to a point; undefined outside of the element. */
export function caretAt(root: Element, x: number, y: number): number | undefined {
  const caret = document.caretRangeFromPoint(x, y);
  if (!caret || !root.contains(caret.startContainer)) {
    return undefined;
  }
  const before = document.createRange();
  before.setStart(root, 0);
  before.setEnd(caret.startContainer, caret.startOffset);
  return before.toString().length;
}

export function rangeOf(root: Element, start: number, end: number): Range {
  const range = document.createRange();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let at = 0;
  let begun = false;
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    if (!begun && start < at + node.length) {
      range.setStart(node, start - at);
      begun = true;
    }
    if (end <= at + node.length) {
      range.setEnd(node, end - at);
      return range;
    }
    at += node.length;
  }
  return range;
}
