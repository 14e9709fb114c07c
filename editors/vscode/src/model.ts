/** What the server says about an article (`postkit/posts`), and the words for it. Knows no VS Code. */

export interface Post {
  network: string;
  title: string;
  length: { value: number; limit: number | null; unit: string };
  /** The length before anything was condensed away. */
  whole: number;
  text: string;
  /** `[start, end, line, character, line, character]`: code points of `text`, and where they came from. */
  places: [number, number, number, number, number, number][];
  /** Where the feed cuts, in code points of `text`. */
  fold_at: number | null;
  first_comment: string | null;
  media: { path: string; alt: string | null; exists: boolean | null }[];
  hashtags: string[];
  left_out: {
    what: string;
    why: string;
    /** From 1. */
    line: number | null;
    /** Of the article, `[line, character, line, character]`. */
    ranges: [number, number, number, number][];
  }[];
}

export interface Posts {
  uri: string;
  version: number | null;
  posts: Post[];
  error: { message: string; hint: string | null; line: number | null } | null;
}

const NUMBER = new Intl.NumberFormat("en-US");

/** `2,848 / 3,000` */
export function count(post: Post): string {
  const { value, limit } = post.length;
  return limit === null ? NUMBER.format(value) : `${NUMBER.format(value)} / ${NUMBER.format(limit)}`;
}

export function isTooLong(post: Post): boolean {
  return post.length.limit !== null && post.length.value > post.length.limit;
}

export function isCondensed(post: Post): boolean {
  return post.length.limit !== null && post.whole > post.length.limit && !isTooLong(post);
}

/** One sentence about the length, such as `condensed from 4,120 characters`; empty where all is well. */
export function remark(post: Post): string {
  if (isTooLong(post)) {
    return `${NUMBER.format(post.length.value - (post.length.limit ?? 0))} characters too long`;
  }
  return isCondensed(post) ? `condensed from ${NUMBER.format(post.whole)} characters` : "";
}
