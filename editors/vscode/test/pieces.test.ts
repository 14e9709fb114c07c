import assert from "node:assert/strict";
import { test } from "node:test";

import { cutAt, paragraphs, type Piece, pieces, splitAt } from "../src/view/pieces";

const text = (all: Piece[]): string => all.map((piece) => piece.text).join("");
const tags = (all: Piece[]): string[] => all.filter((piece) => piece.tag).map((piece) => piece.text);

test("hashtags are those that the server names", () => {
  const post = "About #AI and C#sharp, see page#top.\n\n#ai #machinelearning #größe #ml2";
  const found = pieces(post, ["AI", "#machinelearning", "größe"]);
  assert.deepEqual(tags(found), ["#AI", "#ai", "#machinelearning", "#größe"]);
  assert.equal(text(found), post);
});

test("the fold counts in code points", () => {
  const post = "👨🏼‍💻 one #two three";
  const points = Array.from(post);
  for (let offset = 0; offset <= points.length + 1; offset++) {
    const [before, after] = splitAt(pieces(post, ["two"]), offset);
    assert.equal(text(before), points.slice(0, offset).join(""));
    assert.equal(text(after), points.slice(offset).join(""));
  }
});

test("a hashtag across the fold stays one on both sides", () => {
  const [before, after] = splitAt(pieces("a #hashtag", ["hashtag"]), 5);
  assert.deepEqual([tags(before), tags(after)], [["#ha"], ["shtag"]]);
});

test("a cut more changes nothing of the text", () => {
  const post = "A #two-piece 👩‍🚀 post\n\nof #two paragraphs";
  const all = pieces(post, ["two"]);
  for (let offset = 0; offset <= post.length; offset++) {
    const cut = cutAt(all, offset);
    assert.equal(text(cut), post);
    let at = 0;
    const starts = cut.map((piece) => (at += piece.text.length) - piece.text.length);
    assert.ok(offset === post.length || starts.includes(offset));
    assert.ok(cut.every((piece) => piece.text));
  }
});

test("paragraphs stand between blank lines", () => {
  const post = "One\nline.\n\n\nTwo.\n";
  assert.deepEqual(
    paragraphs(post).map(([start, end]) => post.slice(start, end)),
    ["One\nline.", "Two."],
  );
});
