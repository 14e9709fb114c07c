/** Which documents are articles, and which of them is meant. */

import * as vscode from "vscode";

const LANGUAGES = ["markdown", "mdx"];
const SCHEMES = ["file", "untitled"];

export const SELECTOR = LANGUAGES.flatMap((language) =>
  SCHEMES.map((scheme) => ({ language, scheme })),
);

export function isArticle(document: vscode.TextDocument): boolean {
  return vscode.languages.match(SELECTOR, document) > 0;
}

export function activeArticle(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && isArticle(document) ? document : undefined;
}
