import { Link } from "../address/Link.tsx"
import { useAtom } from "../atoms/Registry.ts"
import { warned } from "../data/Warned.ts"
import { clock } from "../deck/Playhead.ts"
import { Answered } from "../look/Answered.tsx"
import { Mark } from "../look/Mark.tsx"
import { numberText } from "../words/Numbers.ts"
import { momentText } from "../words/Times.ts"
import { Spark } from "./Spark.tsx"
import { titleOf } from "./WarningWords.ts"

/** The warnings by type, beside the overview. */
export const WarningsPanel = () => {
  const time = useAtom(clock)
  return (
    <section className="panel" aria-labelledby="h-warn">
      <header>
        <h2 id="h-warn">Warnings</h2>
        <small>30 days</small>
      </header>
      <Answered result={useAtom(warned)}>
        {(groups) =>
          groups.length === 0 ? (
            <p className="empty">Every event was applied as it asked.</p>
          ) : (
            <ol className="rows">
              {groups.map(({ type, count, last_seen: last, sparkline }) => (
                <li key={type}>
                  <Mark name="warning" hue="refused" />
                  <b>
                    <Link to={{ view: "warnings", type, id: undefined, with: undefined }}>
                      {titleOf(type)}
                    </Link>{" "}
                    <small>{numberText(count)}</small>
                  </b>
                  <Spark sparkline={sparkline} until={time ?? Date.parse(last)} />
                  <p>Last on {momentText(Date.parse(last))}.</p>
                </li>
              ))}
            </ol>
          )
        }
      </Answered>
    </section>
  )
}
