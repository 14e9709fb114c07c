/** From a post to its article, and back. Knows neither VS Code nor the page; counts as JavaScript does. */

import type { Post } from "./model";

/** A stretch of a post in one line of it, and of one line of the article. */
export interface Stretch {
  start: number;
  end: number;
  line: number;
  character: number;
  endCharacter: number;
}

export interface Position {
  line: number;
  character: number;
}

export type Interval = [start: number, end: number];

/** The places of a post with offsets in UTF-16 units; the server counts code points. */
export function stretches({ text, places }: Pick<Post, "text" | "places">): Stretch[] {
  const offsets = [0];
  for (const point of text) {
    offsets.push((offsets.at(-1) ?? 0) + point.length);
  }
  const offset = (point: number): number => offsets[point] ?? text.length;
  return places.map(([start, end, line, character, , endCharacter]) => ({
    start: offset(start),
    end: offset(end),
    line,
    character,
    endCharacter,
  }));
}

/** Where in the article the character at an offset came from; of what was made up, its neighbour. */
export function origin(all: readonly Stretch[], text: string, at: number): Position | undefined {
  const [from, to] = lineAround(text, at);
  const inLine = all.filter(({ start, end }) => start < to && end > from);
  const found = closest(inLine, ({ start, end }) => distance(at, start, end - 1));
  return (
    found && {
      line: found.line,
      character: scaled(at, [found.start, found.end], [found.character, found.endCharacter]),
    }
  );
}

/** What some lines of the article became: as much at once as nothing else stands in between. */
export function became(all: readonly Stretch[], text: string, from: number, to: number): Interval[] {
  const found: Interval[] = [];
  let open: Interval | undefined;
  for (const { start, end, line } of all) {
    if (line < from || line > to) {
      open = undefined;
    } else if (open && !text.slice(open[1], start).includes("\n")) {
      open[1] = end;
    } else {
      open = [start, end];
      found.push(open);
    }
  }
  return found;
}

/** Where in the post a position of the article is, or what in its line is closest to it. */
export function destination(all: readonly Stretch[], { line, character }: Position): number | undefined {
  const inLine = all.filter((one) => one.line === line);
  const found = closest(inLine, (one) => distance(character, one.character, one.endCharacter));
  return found && scaled(character, [found.character, found.endCharacter], [found.start, found.end]);
}

function lineAround(text: string, at: number): Interval {
  const end = text.indexOf("\n", at);
  return [at > 0 ? text.lastIndexOf("\n", at - 1) + 1 : 0, end < 0 ? text.length : end];
}

function distance(at: number, first: number, last: number): number {
  return at < first ? first - at : Math.max(at - last, 0);
}

/** The first of those that are closest. */
function closest<Kind>(all: readonly Kind[], far: (one: Kind) => number): Kind | undefined {
  let best: Kind | undefined;
  let least = Infinity;
  for (const one of all) {
    const now = far(one);
    if (now < least) {
      [best, least] = [one, now];
    }
  }
  return best;
}

/** To the character where both are equally long, else in proportion. */
function scaled(at: number, [start, end]: Interval, [first, last]: Interval): number {
  const inside = Math.min(Math.max(at, start), end) - start;
  const length = end - start;
  return first + (length === last - first ? inside : Math.floor((inside * (last - first)) / length) || 0);
}
