/** What shows what an act came to, as an attribute: the focus goes there when what was pressed is gone. */
const arrival = "[data-arrival]"

const isLost = (last: Element | undefined): boolean =>
  last !== undefined && !last.isConnected && document.activeElement === document.body

/** Puts the focus where the page goes on: without it, keys would begin again at the top. */
const moveOn = (): void => {
  const main = document.getElementById("main")
  const target = main?.querySelector<HTMLElement>(arrival) ?? main
  if (target === null || target === undefined) return
  target.tabIndex = -1
  target.focus({ preventScroll: target === main })
}

/** Keeps the focus on the page: a button that takes itself away would take the focus with it. */
export const keepFocus = (): (() => void) => {
  let last: Element | undefined
  const onFocus = ({ target }: FocusEvent) => {
    last = target instanceof Element ? target : undefined
  }
  const observer = new MutationObserver(() => {
    if (isLost(last)) moveOn()
  })
  document.addEventListener("focusin", onFocus)
  observer.observe(document.body, { childList: true, subtree: true })
  return () => {
    document.removeEventListener("focusin", onFocus)
    observer.disconnect()
  }
}
