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
        for line in text.lines() {
            let (target, needs) = line.split_once(':').unwrap();
            let needs = needs.split(' ').map(str::to_string).collect();
            graph.needs.insert(target.to_string(), needs);
        }
        Ok(graph)
    }

    /// None for a target that is not defined.
    pub fn needs(&self, target: &str) -> Option<&[String]> {
        self.needs.get(target).map(Vec::as_slice)
    }
}
