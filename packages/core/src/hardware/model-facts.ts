/** One layer of a model. Widths are elements of one head. */
export interface LayerFacts {
  /** Its weights in the file. */
  bytes: number;
  heads: number;
  /** Heads whose keys and values are kept; 0 when it has no attention, or shares the cache of another layer. */
  keyValueHeads: number;
  keyWidth: number;
  /** 0 when values are computed from the keys (multi-head latent attention). */
  valueWidth: number;
  /** "window": it sees only the last `slidingWindow` tokens. */
  attention: "full" | "window" | "none";
  /** It keeps a state of fixed size, beside its attention or instead of it. */
  recurrent: boolean;
}

/** What a model's file says that decides where it can run. Plain data; sizes in bytes, lengths in tokens or elements. */
export interface ModelFacts {
  architecture: string;
  name: string | undefined;
  /** The context it was trained for. */
  contextLength: number;
  embeddingLength: number;
  /** The width of the widest feed-forward step that is computed for a token, of all its experts together. */
  feedForwardLength: number;
  vocabularySize: number;
  layers: readonly LayerFacts[];
  slidingWindow: number | undefined;
  experts: { count: number; used: number } | undefined;
  weightsBytes: number;
  /** Of these, what is looked up for each token that is read, and always stays in RAM. */
  inputBytes: number;
  /** Of these, what makes probabilities of the last layer's result. */
  outputBytes: number;
  /** Weights of the input that the output uses too, so that a GPU needs a copy of them; 0 when it has its own. */
  outputCopyBytes: number;
  memory: "attention" | "recurrent" | "hybrid" | "none";
  /** The state that one recurrent layer keeps for one sequence. */
  stateBytes: number;
  /** It has tokens for filling in the middle of a text. */
  infill: boolean;
}
