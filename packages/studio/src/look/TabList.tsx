import { Tabs } from "@base-ui/react/tabs"
import type { ReactNode } from "react"

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

/** Tabs, of which one is shown. */
export const TabList = <Name extends string>({ label, tabs, shown, onShow }: Props<Name>) => (
  <Tabs.Root value={shown} onValueChange={onShow}>
    <Tabs.List className="tabs" aria-label={label}>
      {tabs.map(({ name, title, count }) => (
        <Tabs.Tab key={name} value={name}>
          {title} {count !== undefined && <small>{count}</small>}
        </Tabs.Tab>
      ))}
    </Tabs.List>
    {tabs.map(({ name, show }) => (
      <Tabs.Panel key={name} value={name}>
        {name === shown && show()}
      </Tabs.Panel>
    ))}
  </Tabs.Root>
)
