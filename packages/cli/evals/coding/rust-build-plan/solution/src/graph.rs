use std::collections::BTreeMap;

/// What each target needs.
#[derive(Debug, Default)]
pub struct Graph {
    needs: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// Reads a graph; the error says which line is wrong.
    pub fn parse(text: &str) -> Result<Graph, String> {
        let mut graph = Graph::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let wrong = |what: &str| format!("line {}: {what}", index + 1);
            let (target, needs) = line.split_once(':').ok_or_else(|| wrong("there is no colon"))?;
            let target = target.trim();
            if target.is_empty() || target.contains(char::is_whitespace) {
                return Err(wrong("that is no target"));
            }
            let needs = needs.split_whitespace().map(str::to_string).collect();
            if graph.needs.insert(target.to_string(), needs).is_some() {
                return Err(wrong("the target is there already"));
            }
        }
        Ok(graph)
    }

    /// None for a target that is not defined.
    pub fn needs(&self, target: &str) -> Option<&[String]> {
        self.needs.get(target).map(Vec::as_slice)
    }
}
