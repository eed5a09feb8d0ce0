import type { ComponentProps, MouseEvent } from "react"
import { useAtom } from "../atoms/Registry.ts"
import { address, go, hrefOf, type Move } from "./Navigation.ts"

const isPlain = ({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean =>
  button === 0 && !(metaKey || ctrlKey || shiftKey || altKey)

/** A link to another address of the page. */
export const Link = ({
  to,
  ...rest
}: { readonly to: Move } & Omit<ComponentProps<"a">, "href">) => {
  useAtom(address)
  return (
    <a
      {...rest}
      href={hrefOf(to)}
      onClick={(event) => {
        rest.onClick?.(event)
        if (!isPlain(event) || event.defaultPrevented) return
        event.preventDefault()
        go(to)
      }}
    />
  )
}
