from formula.evaluate import evaluate
