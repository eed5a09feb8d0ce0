import { type KeyboardEvent, type ReactNode, useId } from "react"

/** A tab: its name, how many there are in it, and what it shows. */
export interface Tab<Name extends string> {
  readonly name: Name
  readonly title: string
  readonly count?: string | undefined
  readonly show: () => ReactNode
}

interface Props<Name extends string> {
  readonly label: string
  readonly tabs: ReadonlyArray<Tab<Name>>
  readonly shown: Name
  readonly onShow: (name: Name) => void
}

/** How far a key leads along the tabs; undefined for other keys. */
const stepOf = (key: string, index: number, count: number): number | undefined =>
  ({ ArrowLeft: index - 1 + count, ArrowRight: index + 1, Home: 0, End: count - 1 })[key]

/** Arrows move the focus alone: to show a tab is a step of the history. */
const moveFocus = ({ key, target, currentTarget }: KeyboardEvent<HTMLElement>): boolean => {
  const all = [...currentTarget.querySelectorAll<HTMLElement>("[role=tab]")]
  const index = all.findIndex((tab) => tab === target)
  const next = stepOf(key, index, all.length)
  if (next === undefined) return false
  all[next % all.length]?.focus()
  return true
}

/** Tabs, of which one is shown. */
export const TabList = <Name extends string>({ label, tabs, shown, onShow }: Props<Name>) => {
  const id = useId()
  return (
    <>
      <div
        className="tabs"
        role="tablist"
        aria-label={label}
        onKeyDown={(event) => {
          if (moveFocus(event)) event.preventDefault()
        }}
      >
        {tabs.map(({ name, title, count }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={name === shown}
            aria-controls={name === shown ? id : undefined}
            tabIndex={name === shown ? 0 : -1}
            onClick={() => onShow(name)}
          >
            {title} {count !== undefined && <small>{count}</small>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={id} aria-labelledby={`${id}-${shown}`} tabIndex={0}>
        {tabs.find(({ name }) => name === shown)?.show()}
      </div>
    </>
  )
}
