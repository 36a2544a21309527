/** Lets the person save a small text that the page has made itself. */
export function saveText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Freed in the next turn, when the download has begun.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
