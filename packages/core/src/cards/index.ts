export { type CardFacts, chooseCards } from "./choose-cards.ts";
