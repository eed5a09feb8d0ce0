import { Effect, Fiber } from "effect"
import { type KeyboardEvent, useEffect, useId, useState } from "react"
import { go } from "../address/Navigation.ts"
import { visible } from "../words/EscapedText.ts"
import { atOnce, everywhere, formerly, type Found, lately } from "./Found.ts"

/** Typing is over so long after the last letter. */
const pause = 150

/** Looks for a text in one place after another, and shows what was found so far: what takes longest comes last. */
const search = (text: string, show: (found: ReadonlyArray<Found>) => void) =>
  Effect.gen(function* () {
    yield* Effect.sleep(pause)
    const found = new Map<string, Found>()
    const places = text.length < 2 ? [atOnce] : [atOnce, everywhere, formerly]
    for (const look of places) {
      for (const each of yield* look(text)) if (!found.has(each.key)) found.set(each.key, each)
      show([...found.values()])
    }
  })

const useFound = (text: string) => {
  const [found, setFound] = useState<ReadonlyArray<Found>>([])
  const [isSearching, setSearching] = useState(false)
  useEffect(() => {
    if (text === "") {
      setSearching(false)
      return setFound(lately())
    }
    setSearching(true)
    const fiber = Effect.runFork(Effect.map(search(text, setFound), () => setSearching(false)))
    return () => void Effect.runFork(Fiber.interrupt(fiber))
  }, [text])
  return { found, isSearching }
}

/** What is said over what was found. */
const saying = (text: string, found: number, isSearching: boolean): string => {
  if (isSearching) return "Looking …"
  if (text === "") return found > 0 ? "Looked at last" : ""
  return found === 0 ? "Nothing is called so, now or at any time." : ""
}

/** What is typed, and which of what was found would be opened. */
const useFinding = () => {
  const [text, setText] = useState("")
  const [isOpen, setOpen] = useState(false)
  const { found, isSearching } = useFound(text.trim())
  const [marked, setMarked] = useState(0)
  useEffect(() => setMarked(0), [text])
  const type = (value: string) => {
    setText(value)
    setOpen(true)
  }
  const close = () => {
    setText("")
    setOpen(false)
  }
  return { text, found, isSearching, isOpen, setOpen, marked, setMarked, type, close }
}

type Finding = ReturnType<typeof useFinding>

/** The keys of the field: along what was found, open it, leave. */
const onKey = (
  { key, currentTarget }: KeyboardEvent<HTMLInputElement>,
  { found, isOpen, setOpen, marked, setMarked, close }: Finding,
  open: (item: Found) => void,
): boolean => {
  const step = { ArrowDown: 1, ArrowUp: found.length - 1 }[key]
  const item = found[marked]
  if (key === "Escape") {
    close()
    currentTarget.blur()
  } else if (step !== undefined) {
    if (isOpen) setMarked((marked + step) % Math.max(1, found.length))
    setOpen(true)
  } else if (key === "Enter" && isOpen && item !== undefined) {
    open(item)
  } else return false
  return true
}

interface OptionProps {
  readonly item: Found
  readonly id: string
  readonly isMarked: boolean
  readonly onMark: () => void
  readonly onOpen: () => void
}

const Option = ({ item, id, isMarked, onMark, onOpen }: OptionProps) => (
  <li
    id={id}
    role="option"
    aria-selected={isMarked}
    ref={(row) => {
      if (isMarked) row?.scrollIntoView({ block: "nearest" })
    }}
    className="find-item"
    onPointerMove={onMark}
    // The field keeps the focus, or the list would close under the pointer.
    onPointerDown={(event) => event.preventDefault()}
    onClick={onOpen}
  >
    <bdi className="id">{visible(item.label)}</bdi>
    <small>{visible(item.hint)}</small>
  </li>
)

/** Finds an id, an e-mail address, a person, an event or a value that somebody ever had. */
export const Find = () => {
  const finding = useFinding()
  const { text, found, isSearching, isOpen, setOpen, marked, setMarked, type, close } = finding
  const list = useId()
  const said = saying(text, found.length, isSearching)
  const isShown = isOpen && (found.length > 0 || said !== "")
  const open = (item: Found) => {
    close()
    go(item.to)
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }
  return (
    <search className="find">
      <input
        data-find
        type="search"
        role="combobox"
        aria-label="Find"
        aria-expanded={isShown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isShown && found.length > 0 ? `${list}-${marked}` : undefined}
        autoComplete="off"
        placeholder="Find an id, an e-mail, a person or an event"
        value={text}
        onChange={({ target }) => type(target.value)}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (onKey(event, finding, open)) event.preventDefault()
        }}
      />
      <kbd>/</kbd>
      <div className="find-popup" hidden={!isShown}>
        <p className="quiet find-status" role="status">
          {said}
        </p>
        <ul id={list} role="listbox" aria-label="Found">
          {found.map((item, index) => (
            <Option
              key={item.key}
              item={item}
              id={`${list}-${index}`}
              isMarked={index === marked}
              onMark={() => setMarked(index)}
              onOpen={() => open(item)}
            />
          ))}
        </ul>
      </div>
    </search>
  )
}
