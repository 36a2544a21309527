/** Lets the person save a small text that the page has made itself. */
export function saveText(name: string, type: string, text: string): void {
  save(name, new Blob([text], { type }));
}

/** Lets the person save octets that the core has given, in base64. */
export function saveOctets(name: string, type: string, base64: string): void {
  const octets = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  save(name, new Blob([octets], { type }));
}

function save(name: string, contents: Blob): void {
  const url = URL.createObjectURL(contents);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Freed in the next turn, when the download has begun.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
