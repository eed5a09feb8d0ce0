import { useEffect } from "react"
import { useAtom } from "../atoms/Registry.ts"
import { isPast, playhead } from "../data/Head.ts"
import { setTitle } from "../look/Title.ts"
import { WarningsPanel } from "../warnings/WarningsPanel.tsx"
import { positionText } from "../words/Numbers.ts"
import { SeenLastPanel } from "./SeenLastPanel.tsx"
import { Tiles } from "./Tiles.tsx"
import { TourCard } from "../tour/TourCard.tsx"
import { WorthALookPanel } from "./WorthALookPanel.tsx"

/** What there is to see first: merges that somebody should look at. */
export const Overview = () => {
  const [past, at] = [useAtom(isPast), useAtom(playhead)]
  const moment = past && at !== undefined ? `at ${positionText(at)}` : ""
  useEffect(() => setTitle(past && at !== undefined ? positionText(at) : ""), [past, at])
  return (
    <main className="two" id="main">
      <div className="col">
        <h1 className="sr">Persons {moment === "" ? "now" : moment}</h1>
        <Tiles />
        <WorthALookPanel />
        <SeenLastPanel />
      </div>
      <div className="col">
        <TourCard />
        <WarningsPanel />
      </div>
    </main>
  )
}
