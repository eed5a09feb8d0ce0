import { useEffect } from "react"
import { address, go, step } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import type { WarningGroup } from "../data/Forms.ts"
import { warned } from "../data/Warned.ts"
import { clock } from "../deck/Playhead.ts"
import { Answered } from "../look/Answered.tsx"
import { setTitle } from "../look/Title.ts"
import { countText } from "../words/Numbers.ts"
import { dayOf } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { senderOf, sendersOf, type Warning } from "./Senders.ts"
import { WarningTypePanel } from "./WarningTypePanel.tsx"
import { titleOf } from "./WarningWords.ts"

const isFound = (warning: Warning, text: string, sender: string | undefined): boolean =>
  (text === "" || JSON.stringify(warning.details).toLowerCase().includes(text.toLowerCase())) &&
  (sender === undefined || senderOf(warning) === sender)

const Filters = ({ groups }: { readonly groups: ReadonlyArray<WarningGroup> }) => {
  const { q = "", type = "", lib = "" } = useAtom(address)
  return (
    <div className="actions filters">
      <input
        type="search"
        aria-label="Filter"
        placeholder="Filter by id or text"
        value={q}
        onChange={({ target }) => step({ q: target.value === "" ? undefined : target.value })}
      />
      <select
        aria-label="Type"
        value={type}
        onChange={({ target }) => go({ type: target.value === "" ? undefined : target.value })}
      >
        <option value="">All types</option>
        {groups.map((group) => (
          <option key={group.type} value={group.type}>
            {titleOf(group.type)}
          </option>
        ))}
      </select>
      <select
        aria-label="Library"
        value={lib}
        onChange={({ target }) => go({ lib: target.value === "" ? undefined : target.value })}
      >
        <option value="">All libraries</option>
        {[...new Set([...sendersOf(groups), ...(lib === "" ? [] : [lib])])].map((sender) => (
          <option key={sender} value={sender}>
            {visible(sender)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Events that were kept, but not applied as they asked. */
export const WarningsPage = () => {
  const [result, time] = [useAtom(warned), useAtom(clock)]
  const { q = "", type, lib } = useAtom(address)
  useEffect(() => setTitle("Warnings"), [])
  return (
    <main className="one" id="main">
      <Answered result={result}>
        {(groups) => {
          const shown = groups
            .filter((group) => type === undefined || group.type === type)
            .map((group) => ({
              ...group,
              warnings: group.warnings.filter((warning) => isFound(warning, q, lib)),
            }))
            .filter(({ warnings }) => (q === "" && lib === undefined) || warnings.length > 0)
          const count = groups.reduce((sum, each) => sum + each.count, 0)
          const end = time ?? Math.max(...groups.map(({ last_seen: last }) => Date.parse(last)))
          return (
            <>
              <div className="person">
                <h1>Warnings</h1>
                <p>
                  Events that were kept, but not applied as they asked. {countText(count, "event")}{" "}
                  by this moment.
                </p>
              </div>
              <Filters groups={groups} />
              {shown.map((group, index) => (
                <WarningTypePanel
                  key={`${group.type} ${dayOf(end)}`}
                  group={group}
                  until={end}
                  isOpen={index === 0 || type !== undefined || lib !== undefined || q !== ""}
                />
              ))}
              {shown.length === 0 && (
                <section className="panel empty">
                  <p className="verdict">
                    {count === 0
                      ? "Every event was applied as it asked."
                      : "No warning is about this."}
                  </p>
                  {q !== "" && <p>{visible(q)}</p>}
                </section>
              )}
            </>
          )
        }}
      </Answered>
    </main>
  )
}
