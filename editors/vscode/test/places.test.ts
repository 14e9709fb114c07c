import assert from "node:assert/strict";
import { test } from "node:test";

import type { Post } from "../src/model";
import { became, destination, origin, stretches } from "../src/places";

/** An article in which 🚀 counts two, and the post that the server made of it. */
const ARTICLE = ["# 🚀 Tea", "", "It is **hot** &amp; good.", "And [here](https://x.org/)."];
const TEXT = "🚀 Tea\n\nIt is hot & good. And here [1].\n\nSources\n[1] https://x.org/";
const WORDS: [words: string, line: number, written: string][] = [
  ["🚀 Tea", 0, "🚀 Tea"],
  ["It is ", 2, "It is "],
  ["hot", 2, "hot"],
  [" & good.", 2, " &amp; good."],
  ["And ", 3, "And "],
  ["here", 3, "here"],
  [".", 3, "."],
  ["https://x.org/", 3, "https://x.org/"],
];

function post(): Pick<Post, "text" | "places"> {
  let at = 0;
  const points = (text: string): number => Array.from(text).length;
  const places = WORDS.map(([words, line, written]): Post["places"][number] => {
    const start = TEXT.indexOf(words, at);
    at = start + words.length;
    const [before, character] = [points(TEXT.slice(0, start)), ARTICLE[line]?.lastIndexOf(written) ?? -1];
    return [before, before + points(words), line, character, line, character + written.length];
  });
  return { text: TEXT, places };
}

const ALL = stretches(post());

function from(words: string, inside = 0): string | undefined {
  const found = origin(ALL, TEXT, TEXT.indexOf(words) + inside);
  return found && ARTICLE[found.line]?.slice(found.character);
}

test("every word leads to where it stands", () => {
  assert.equal(from("Tea"), "Tea");
  assert.equal(from("is hot"), "is **hot** &amp; good.");
  assert.equal(from("hot", 1), "ot** &amp; good.");
  assert.equal(from("here"), "here](https://x.org/).");
  assert.equal(from("https", 8), "x.org/).");
});

test("behind the last letter is still that word", () => {
  assert.equal(from("Tea", 3), "");
});

test("inside of what is written otherwise it is about there", () => {
  assert.match(from("good") ?? "", /good.$/);
});

test("what was made up leads to what stands beside it, or nowhere", () => {
  assert.equal(from("[1] https", 1), "https://x.org/).");
  assert.equal(from("Sources"), undefined);
  assert.equal(origin(ALL, TEXT, TEXT.indexOf("\n") + 1), undefined);
});

test("a line is found wherever something of it stands", () => {
  const words = (first: number, last = first): string[] =>
    became(ALL, TEXT, first, last).map(([start, end]) => TEXT.slice(start, end));
  assert.deepEqual(words(0), ["🚀 Tea"]);
  assert.deepEqual(words(1), []);
  assert.deepEqual(words(2), ["It is hot & good."]);
  assert.deepEqual(words(3), ["And here [1].", "https://x.org/"]);
  assert.deepEqual(words(2, 3), ["It is hot & good. And here [1].", "https://x.org/"]);
});

test("a position of the article leads to the same character of the post", () => {
  const to = (line: number, words: string): string | undefined => {
    const offset = destination(ALL, { line, character: ARTICLE[line]?.indexOf(words) ?? -1 });
    return offset === undefined ? undefined : TEXT.slice(offset);
  };
  assert.match(to(0, "Tea") ?? "", /^Tea\n/);
  assert.match(to(2, "ot**") ?? "", /^ot & good/);
  assert.match(to(3, "[here") ?? "", /^here/); // or behind the space before it
  assert.equal(to(1, ""), undefined);
});

test("there and back is the same place", () => {
  for (const { start, end, character, endCharacter, line } of ALL) {
    for (let at = start; at < end && end - start === endCharacter - character; at++) {
      const there = origin(ALL, TEXT, at);
      assert.equal(there?.line, line);
      assert.equal(there && destination(ALL, there), at);
    }
  }
});
