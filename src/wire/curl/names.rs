//! Names for a note: each once, and not too many.

/// Names that one note tells.
#[derive(Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Enough to know what is meant.
    const MOST: usize = 12;

    /// Adds one that is not there yet, while there is room.
    pub fn add(&mut self, name: &str) {
        if self.0.len() <= Names::MOST && !self.0.iter().any(|known| known == name) {
            self.0.push(name.to_owned());
        }
    }

    /// What happened to them, and the names with commas; none when there is no name.
    pub fn note(&self, what: &str) -> Option<String> {
        let shown: Vec<&str> = self.0.iter().take(Names::MOST).map(String::as_str).collect();
        let more = if self.0.len() > Names::MOST { " and more" } else { "" };
        (!shown.is_empty()).then(|| format!("{what} {}{more}", shown.join(", ")))
    }
}
