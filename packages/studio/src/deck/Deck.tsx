import { useEffect, useState } from "react"
import { useAtom } from "../atoms/Registry.ts"
import { head, isPast, playhead } from "../data/Head.ts"
import { zoom } from "../data/StripCounts.ts"
import { Icon } from "../look/Mark.tsx"
import { openDialog } from "../look/Dialogs.ts"
import { copyLink, isCopied } from "./CopyLink.ts"
import { countText, numberText, positionText } from "../words/Numbers.ts"
import { clockText, fullText } from "../words/Times.ts"
import { clock, toLive } from "./Playhead.ts"
import { Strip } from "./Strip.tsx"
import { showAll } from "./StripWindow.ts"
import { Transport } from "./Transport.tsx"

const Clock = () => {
  const [time, at] = [useAtom(clock), useAtom(playhead)]
  return (
    <p className="clock">
      <time title={time === undefined ? "" : fullText(time)}>
        {time === undefined ? "…" : clockText(time)}
      </time>{" "}
      <span className="id">{at === undefined ? "" : positionText(at)}</span>
    </p>
  )
}

const When = () => {
  const [past, at, end] = [useAtom(isPast), useAtom(playhead), useAtom(head)]
  if (!past) return <span className="when live">Live</span>
  const ago = end === undefined || at === undefined ? 0 : end - at
  return (
    <span className="when past">
      Past<span className="wide">{`\u00a0· ${countText(ago, "event")} ago`}</span>
    </span>
  )
}

/** Says the moment aloud, at most once a second, for who cannot see it. */
const Announcer = () => {
  const [time, at, past] = [useAtom(clock), useAtom(playhead), useAtom(isPast)]
  const [said, setSaid] = useState("")
  useEffect(() => {
    if (!past || at === undefined) return
    const text = `Position ${numberText(at)}${time === undefined ? "" : `, ${clockText(time)}`}`
    const timer = setTimeout(() => setSaid(text), 1000)
    return () => clearTimeout(timer)
  }, [at, time, past])
  return (
    <span className="sr" role="status">
      {said}
    </span>
  )
}

/** What part of the log the strip shows, and the way back to all of it. */
const Zoomed = () => {
  const window = useAtom(zoom)
  if (window === undefined) return null
  const text = `${positionText(window.from)} – ${positionText(window.to)}`
  return (
    <button
      type="button"
      className="bare zoomed"
      onClick={showAll}
      aria-label={`Zoomed to ${text}: show the whole log`}
      title="Show the whole log (0)"
    >
      {text} <span aria-hidden="true">×</span>
    </button>
  )
}

/** The clock of the whole page: everything on it is as of this moment. */
export const Deck = () => {
  const [past, copied] = [useAtom(isPast), useAtom(isCopied)]
  return (
    <section className="deck" aria-label="Time">
      <div className="transport">
        <Transport />
        <Clock />
        <When />
        <Announcer />
        <span className="end">
          <Zoomed />
          {past && (
            <button type="button" className="back" onClick={toLive}>
              <span className="wide">Back to live</span>
              <span className="narrow">Live</span> <kbd className="wide">L</kbd>
            </button>
          )}
          <button type="button" className="bare wide" onClick={() => openDialog("jump")}>
            Jump to… <kbd>J</kbd>
          </button>
          <button type="button" className="bare wide" onClick={copyLink}>
            <Icon name={copied ? "yes-16" : "link"} /> {copied ? "Copied" : "Copy link"}
          </button>
        </span>
      </div>
      <Strip />
    </section>
  )
}
