import { AsyncResult } from "effect/reactivity"
import { useAtom } from "../atoms/Registry.ts"
import { activity, type Row } from "../data/StripCounts.ts"
import { playhead } from "../data/Head.ts"
import { numberText } from "../words/Numbers.ts"

const rows: ReadonlyArray<readonly [Row, string]> = [
  ["new", "ids"],
  ["merged", "merges"],
  ["refused", "refused"],
  ["apart", "taken apart"],
]

/** How much had happened by the playhead. */
export const Tiles = () => {
  const found = AsyncResult.value(useAtom(activity))
  const at = useAtom(playhead)
  if (found._tag === "None" || at === undefined) return <div className="tiles waiting" />
  const { counts, from, size } = found.value
  const until = Math.ceil((at - from + 1) / size)
  const sum = (row: Row) => counts[row].slice(0, until).reduce((a, b) => a + b, 0)
  return (
    <div className="tiles">
      <div>
        <b>{numberText(at)}</b>
        <span>events</span>
      </div>
      {rows.map(([row, text]) => (
        <div key={row}>
          <b>{numberText(sum(row))}</b>
          <span>{text}</span>
        </div>
      ))}
    </div>
  )
}
