import { Autocomplete } from "@base-ui/react/autocomplete"
import { Effect, Fiber } from "effect"
import { useEffect, useState } from "react"
import { go } from "../address/Navigation.ts"
import { visible } from "../words/EscapedText.ts"
import { atOnce, everywhere, type Found, lately } from "./Found.ts"

/** Typing is over so long after the last letter. */
const pause = 150

const search = (text: string) =>
  Effect.gen(function* () {
    yield* Effect.sleep(pause)
    const first = yield* atOnce(text)
    const ids = new Set(first.map(({ key }) => key))
    const others = text.length < 2 ? [] : yield* everywhere(text)
    return [...first, ...others.filter(({ key }) => !ids.has(key))]
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
    const fiber = Effect.runFork(
      Effect.map(search(text), (all) => {
        setSearching(false)
        setFound(all)
      }),
    )
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

/** Finds an id, an e-mail address, a person, an event or a value that somebody ever had. */
export const Find = () => {
  const [text, setText] = useState("")
  const { found, isSearching } = useFound(text.trim())
  const open = (item: Found) => {
    setText("")
    go(item.to)
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }
  return (
    <search className="find">
      <Autocomplete.Root
        items={found}
        mode="none"
        value={text}
        onValueChange={(value, { reason }) => {
          if (reason !== "item-press") setText(value)
        }}
        itemToStringValue={({ label }: Found) => label}
        autoHighlight
        openOnInputClick
      >
        <Autocomplete.Input
          data-find
          onKeyDown={(event) => {
            if (event.key !== "Escape") return
            setText("")
            event.currentTarget.blur()
          }}
          type="search"
          aria-label="Find"
          placeholder="Find an id, an e-mail, a person or an event"
        />
        <kbd>/</kbd>
        <Autocomplete.Portal>
          <Autocomplete.Positioner className="find-place" sideOffset={4}>
            <Autocomplete.Popup className="find-popup">
              <Autocomplete.Status className="quiet find-status">
                {saying(text, found.length, isSearching)}
              </Autocomplete.Status>
              <Autocomplete.List>
                {(item: Found) => (
                  <Autocomplete.Item
                    key={item.key}
                    value={item}
                    className="find-item"
                    onClick={() => open(item)}
                  >
                    <bdi className="id">{visible(item.label)}</bdi>
                    <small>{visible(item.hint)}</small>
                  </Autocomplete.Item>
                )}
              </Autocomplete.List>
            </Autocomplete.Popup>
          </Autocomplete.Positioner>
        </Autocomplete.Portal>
      </Autocomplete.Root>
    </search>
  )
}
