/** The text of a post, cut where the page marks something. */

export interface Piece {
  text: string;
  tag: boolean;
}

const TAG = /(?<![\p{L}\p{N}_&#])#[\p{L}\p{N}\p{M}_]+/gu;

/** Cut out the hashtags that the server counts as such, written with or without their `#`. */
export function pieces(text: string, hashtags: readonly string[]): Piece[] {
  const known = new Set(hashtags.map((tag) => tag.replace(/^#/, "").toLowerCase()));
  const found: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(TAG)) {
    if (known.has(match[0].slice(1).toLowerCase())) {
      found.push({ text: text.slice(done, match.index), tag: false }, { text: match[0], tag: true });
      done = match.index + match[0].length;
    }
  }
  found.push({ text: text.slice(done), tag: false });
  return found.filter((piece) => piece.text);
}

/** What stands between blank lines: where it begins and ends. */
export function paragraphs(text: string): [start: number, end: number][] {
  const found = text.matchAll(/[^\n]+(?:\n[^\n]+)*/g);
  return Array.from(found, (match) => [match.index, match.index + match[0].length]);
}

/** Cut at an offset as well, unless that is between two pieces anyway. */
export function cutAt(all: readonly Piece[], offset: number): Piece[] {
  let left = offset;
  return all.flatMap((piece) => {
    const { text } = piece;
    const at = left;
    left -= text.length;
    return at > 0 && at < text.length
      ? [{ ...piece, text: text.slice(0, at) }, { ...piece, text: text.slice(at) }]
      : [piece];
  });
}

/** Split in two at an offset in code points, as Python counts them; JavaScript counts otherwise. */
export function splitAt(all: readonly Piece[], offset: number): [Piece[], Piece[]] {
  const before: Piece[] = [];
  const after: Piece[] = [];
  let left = offset;
  for (const piece of all) {
    const points = Array.from(piece.text);
    const [head, rest] = [points.slice(0, left).join(""), points.slice(left).join("")];
    left = Math.max(0, left - points.length);
    if (head) {
      before.push({ ...piece, text: head });
    }
    if (rest) {
      after.push({ ...piece, text: rest });
    }
  }
  return [before, after];
}
