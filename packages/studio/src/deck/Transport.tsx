import { useAtom } from "../atoms/Registry.ts"
import { Icon } from "../look/Mark.tsx"
import { isPlaying, play, stepBy, stepChange, stepTo } from "./Playhead.ts"

interface Step {
  readonly name: string
  readonly icon: string
  readonly keys: string
  readonly act: () => void
  readonly isWide?: boolean
}

const back: ReadonlyArray<Step> = [
  { name: "To the beginning", icon: "first", keys: "Home", act: () => stepTo(1), isWide: true },
  {
    name: "Back to the change before",
    icon: "prev-change",
    keys: "[",
    act: () => void stepChange(-1),
  },
  { name: "Back by one event", icon: "prev", keys: "←", act: () => stepBy(-1) },
]

const on: ReadonlyArray<Step> = [
  { name: "On by one event", icon: "next", keys: "→", act: () => stepBy(1) },
  { name: "On to the next change", icon: "next-change", keys: "]", act: () => void stepChange(1) },
]

const Button = ({ name, icon, keys, act, isWide = false }: Step) => (
  <button
    type="button"
    className={isWide ? "square wide" : "square"}
    aria-label={name}
    title={`${name} (${keys})`}
    onClick={act}
  >
    <Icon name={icon} />
  </button>
)

/** The buttons that move the playhead. */
export const Transport = () => {
  const playing = useAtom(isPlaying)
  return (
    <div className="steps" role="group" aria-label="Move through the log">
      {back.map((step) => (
        <Button key={step.icon} {...step} />
      ))}
      <button
        type="button"
        className="square play"
        aria-label={playing ? "Pause" : "Play"}
        title={playing ? "Pause (Space)" : "Play (Space)"}
        onClick={play}
      >
        <Icon name={playing ? "pause" : "play"} />
      </button>
      {on.map((step) => (
        <Button key={step.icon} {...step} />
      ))}
    </div>
  )
}
