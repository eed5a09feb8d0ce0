import * as Json from "@onymous/identity/encoding/Json"
import { Value } from "../look/Value.tsx"
import { countText, numberText } from "../words/Numbers.ts"
import { visible } from "../words/EscapedText.ts"
import type { Side } from "./Forked.ts"

/** The most ids and values of a person that are shown. */
const idsMax = 40
const valuesMax = 12

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

const keysOf = ({ person, other }: Side): ReadonlyArray<string> => {
  const isTold = (key: string) => ["name", "city", "email"].includes(key)
  const differs = (key: string) =>
    !Json.equals(Json.get(person.properties, key), other && Json.get(other.properties, key))
  return Object.keys(person.properties)
    .filter((key) => isTold(key) || differs(key))
    .toSorted((a, b) => Number(isTold(b)) - Number(isTold(a)))
    .slice(0, valuesMax)
}

/** Of a person of thousands of ids, those that it would gain are among the ones that are shown. */
const gainedFirst = ({ person, gained }: Side): ReadonlyArray<string> =>
  person.distinctIds.toSorted((a, b) => Number(gained.has(b)) - Number(gained.has(a)))

const SidePerson = ({
  side,
  index,
  isAfter,
}: {
  readonly side: Side
  readonly index: number
  readonly isAfter: boolean
}) => {
  const { person, other, events, otherEvents } = side
  const isOwn = isAfter && other === undefined
  const ids = gainedFirst(side)
  return (
    <div className="who">
      <h3>
        <span className={`letter p${index % 6}`}>{letters[index] ?? ""}</span> {visible(side.title)}{" "}
        {isOwn && <small>a person of its own</small>}
      </h3>
      <ul className="ids">
        {ids.slice(0, idsMax).map((id) => (
          <li key={id} className={isAfter && side.gained.has(id) ? "gain" : ""}>
            {visible(id)}
          </li>
        ))}
        {ids.length > idsMax && <li>{`and ${numberText(ids.length - idsMax)} more`}</li>}
      </ul>
      <dl>
        {keysOf(side).map((key) => {
          const value = Json.get(person.properties, key) ?? null
          const isNew = isAfter && !Json.equals(value, other && Json.get(other.properties, key))
          return (
            <div className="pair-line" key={key}>
              <dt>{visible(key)}</dt>
              <dd>
                {isNew ? (
                  <ins>
                    <Value value={value} />
                  </ins>
                ) : (
                  <Value value={value} />
                )}
              </dd>
            </div>
          )
        })}
        {events !== undefined && (
          <div className="pair-line">
            <dt>events</dt>
            <dd>
              {isOwn ? <ins>{numberText(events)}</ins> : numberText(events)}{" "}
              {isAfter && otherEvents !== undefined && otherEvents !== events && (
                <del>{numberText(otherEvents)}</del>
              )}
            </dd>
          </div>
        )}
      </dl>
    </div>
  )
}

interface Props {
  readonly title: string
  readonly name: "with" | "without"
  readonly sides: ReadonlyArray<Side>
  /** The persons of the other side give the letters. */
  readonly letterOf: (side: Side) => number
}

/** Up to so many persons of a side are shown. */
const personsMax = 20

/** One side of a fork: only the persons that differ. */
export const SidePanel = ({ title, name, sides, letterOf }: Props) => (
  <section className={`panel ${name}`} aria-labelledby={`h-${name}`}>
    <header>
      <h2 id={`h-${name}`}>{title}</h2>
      <small>{countText(sides.length, "person")}</small>
    </header>
    {sides.slice(0, personsMax).map((side) => (
      <SidePerson
        key={side.person.id}
        side={side}
        index={letterOf(side)}
        isAfter={name === "without"}
      />
    ))}
    {sides.length > personsMax && (
      <p className="pad quiet">{`and ${countText(sides.length - personsMax, "other")}`}</p>
    )}
    {sides.length === 0 && <p className="empty">Nobody.</p>}
  </section>
)
