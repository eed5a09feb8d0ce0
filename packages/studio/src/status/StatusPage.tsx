import { Effect } from "effect"
import { useEffect, useState } from "react"
import { At } from "../address/At.tsx"
import { useAtom } from "../atoms/Registry.ts"
import { onlyLook } from "../asking/SignedIn.ts"
import { askOnce } from "../asking/Asking.ts"
import { status } from "../data/Head.ts"
import { waiting } from "../data/Waiting.ts"
import { Answered } from "../look/Answered.tsx"
import { Mark } from "../look/Mark.tsx"
import { setTitle } from "../look/Title.ts"
import { RulesPanel } from "../rules/RulesPanel.tsx"
import { IdText } from "../words/IdText.tsx"
import { numberText, positionText } from "../words/Numbers.ts"
import { durationText, hourText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { ColleaguePanel } from "./ColleaguePanel.tsx"
import { RebuildPanel } from "./RebuildPanel.tsx"

/** The time, every second. */
const useNow = (): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const WaitingPanel = () => {
  const now = useNow()
  return (
    <section className="panel" aria-labelledby="h-wait">
      <header>
        <h2 id="h-wait">Waiting</h2>
        <small>for the event that says whose they are</small>
      </header>
      <Answered result={useAtom(waiting)}>
        {(events) =>
          events.length === 0 ? (
            <p className="empty">Nothing waits.</p>
          ) : (
            <ol className="rows">
              {events.map(({ position, distinct_id: id, due_at: due }) => {
                const left = Date.parse(due) - now
                return (
                  <li key={position}>
                    <Mark name="held" hue="wait" />
                    <b>
                      <IdText id={id} /> <At position={position} />
                    </b>
                    <span className="quiet">{left > 0 ? durationText(left) : "due"}</span>
                    <p>
                      From a back end, for an id that nobody knows yet. Goes on at{" "}
                      {hourText(Date.parse(due))} in any case.
                    </p>
                  </li>
                )
              })}
            </ol>
          )
        }
      </Answered>
    </section>
  )
}

interface Verified {
  readonly ok: boolean
  readonly position: number
  readonly state_hash: string
  readonly reason?: string
}

const verify = Effect.suspend(() =>
  askOnce(({ past }, asked) => past.verify({ ...asked, query: {} })),
)

const VerifyPanel = () => {
  const [found, setFound] = useState<Verified>()
  const [isBusy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<string>()
  const ask = () => {
    setBusy(true)
    void Effect.runPromise(
      Effect.match(verify, {
        onFailure: ({ message }) => setWrong(message),
        onSuccess: (answer) => {
          setWrong(undefined)
          setFound(answer)
        },
      }),
    ).then(() => setBusy(false))
  }
  return (
    <section className="panel" aria-labelledby="h-verify">
      <header>
        <h2 id="h-verify">Verify</h2>
        <small>folds the whole log again, and compares</small>
      </header>
      <div className="pad col">
        {found !== undefined && (
          <p className="verdict" role="status">
            <Mark name={found.ok ? "yes" : "warning"} hue={found.ok ? "merge" : "refused"} />{" "}
            {found.ok
              ? `What is stored is what the log comes to, up to ${positionText(found.position)}.`
              : `It differs first at ${positionText(found.position)}: ${visible(found.reason ?? "")}`}
          </p>
        )}
        {wrong !== undefined && (
          <p className="lost" role="alert">
            {wrong}
          </p>
        )}
        <div className="actions">
          <button type="button" disabled={isBusy} onClick={ask}>
            {isBusy ? "Folding the log …" : found === undefined ? "Verify" : "Verify again"}
          </button>
        </div>
      </div>
    </section>
  )
}

interface FactsProps {
  readonly owner: "here" | "elsewhere" | null
  readonly hash: string
  readonly log: string
}

const owners = { here: "this server", elsewhere: "another process" }

/** Who derives the persons, and what names their state and the log. */
const Facts = ({ owner, hash, log }: FactsProps) => (
  <section className="panel pad">
    <dl>
      <div className="pair-line">
        <dt>owner</dt>
        <dd>{owner === null ? "none yet" : owners[owner]}</dd>
      </div>
      <div className="pair-line">
        <dt>state hash</dt>
        <dd>
          <code>{hash}</code>
        </dd>
      </div>
      <div className="pair-line">
        <dt>log</dt>
        <dd>
          <code>{log}</code>
        </dd>
      </div>
    </dl>
  </section>
)

/** Where the log and the persons are, what waits, and whether what is stored is what the log comes to. */
export const StatusPage = () => {
  const looks = useAtom(onlyLook)
  useEffect(() => setTitle("Status"), [])
  return (
    <main className="one" id="main">
      <h1 className="sr">Status</h1>
      <Answered result={useAtom(status)}>
        {({
          head,
          lag,
          rate,
          waiting: held,
          rebuild,
          stopped,
          owner,
          state_hash: hash,
          log_id: log,
        }) => (
          <>
            <div className="tiles">
              <div>
                <b>{numberText(lag ?? 0)}</b>
                <span>events behind the log</span>
              </div>
              <div>
                <b>{numberText(head)}</b>
                <span>events in the log</span>
              </div>
              <div>
                <b>{numberText(Math.round(rate * 10) / 10)} /s</b>
                <span>events come</span>
              </div>
              <div>
                <b>{numberText(held)}</b>
                <span>waiting</span>
              </div>
            </div>
            {stopped !== null && (
              <div className="note apart" role="alert">
                <p>
                  <b>The persons stay where they are.</b> {visible(stopped)}
                </p>
              </div>
            )}
            <WaitingPanel />
            <RebuildPanel rebuild={rebuild} />
            <RulesPanel />
            <VerifyPanel />
            {!looks && <ColleaguePanel />}
            <Facts owner={owner} hash={hash} log={log} />
          </>
        )}
      </Answered>
    </main>
  )
}
