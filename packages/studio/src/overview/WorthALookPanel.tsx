import { At } from "../address/At.tsx"
import { Link } from "../address/Link.tsx"
import { useAtom } from "../atoms/Registry.ts"
import { type Look, worthALook } from "../data/WorthALook.ts"
import { Answered } from "../look/Answered.tsx"
import { Mark } from "../look/Mark.tsx"
import { IdText } from "../words/IdText.tsx"
import { countInWords, countText, listText, positionText } from "../words/Numbers.ts"
import { shortText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { Tour } from "../tour/TourSteps.ts"

const Title = ({ look }: { readonly look: Look }) =>
  look.merges.length === 1 ? (
    <b>
      {visible(look.targetTitle)} and {visible(look.sourceTitle)} became one
    </b>
  ) : (
    <b>
      {countText(look.merges.length, "person")} became one with <IdText id={look.first.target} />
    </b>
  )

const Reason = ({
  look: { merges, first, last, event, by, reason, lost },
}: {
  readonly look: Look
}) => {
  const isApart = merges.every(({ holds }) => !holds)
  const count = merges.reduce((sum, each) => sum + each.lost, 0)
  const names = lost.slice(0, 5).map(visible)
  return (
    <p>
      <At position={first.position} />
      {merges.length > 1 ? (
        <>
          {" "}
          to <At position={last.position} />, {countInWords(merges.length, event, event)}.{" "}
        </>
      ) : by === undefined ? (
        <>
          {" "}
          {visible(event)}, {shortText(Date.parse(first.received_at))}.{" "}
        </>
      ) : (
        <>
          {" "}
          merged by hand, by {visible(by)}: “{visible(reason ?? "")}”.{" "}
        </>
      )}
      {count > 0 &&
        `${countText(count, "value")} lost${names.length > 0 ? `: ${listText(names)}` : ""}. `}
      {first.both_identified && "Both had been identified. "}
      {isApart && "Taken apart since."}
    </p>
  )
}

/** Merges in which something gave way: that is how a wrong one looks. */
export const WorthALookPanel = () => {
  const result = useAtom(worthALook)
  return (
    <section className="panel" aria-labelledby="h-look">
      <header>
        <h2 id="h-look">Merges worth a look</h2>
        <small>values were lost, or one event holds large parts together</small>
      </header>
      <Answered result={result}>
        {(looks) =>
          looks.length === 0 ? (
            <p className="empty">No merge has lost anything.</p>
          ) : (
            <ol className="rows">
              {looks.map((look) => (
                <li key={look.first.position}>
                  <Mark name="merge" hue={look.last.holds ? "refused" : "plain"} />
                  <Title look={look} />
                  <Link
                    className="button"
                    to={{ id: look.last.target, with: look.last.source, at: look.last.position }}
                    aria-label={`Look at ${positionText(look.last.position)}`}
                    onClick={() => Tour.done("open")}
                  >
                    Look
                  </Link>
                  <Reason look={look} />
                </li>
              ))}
            </ol>
          )
        }
      </Answered>
    </section>
  )
}
