/** Names the page in the tab of the browser. */
export const setTitle = (title: string): void => {
  document.title = title === "" ? "Onymous" : `${title} · Onymous`
}
