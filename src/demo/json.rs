//! A JSON writer for bodies with megabytes of base64: one buffer, no tree, two layouts, two spellings.

/// A text as it stands between the quotes of a string.
pub fn escape(text: &str) -> String {
    let mut json = Json::new(false, false, text.len());
    text.chars().for_each(|c| json.escaped(c));
    json.finish()
}

/// JSON under construction. Objects and arrays are filled by closures, so they cannot stay open.
pub struct Json {
    text: String,
    pretty: bool,
    snake_case: bool,
    /// For each open object or array, whether it has a member yet.
    open: Vec<bool>,
}

impl Json {
    /// An empty buffer. `pretty` indents by two spaces; `snake_case` respells the keys.
    pub fn new(pretty: bool, snake_case: bool, capacity: usize) -> Json {
        Json { text: String::with_capacity(capacity), pretty, snake_case, open: Vec::new() }
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.text
    }

    /// Starts a member; its value is to be written next.
    pub fn key(&mut self, camel_case: &str) -> &mut Json {
        self.begin();
        self.text.push('"');
        for c in camel_case.chars() {
            if self.snake_case && c.is_ascii_uppercase() {
                self.text.push('_');
                self.text.push(c.to_ascii_lowercase());
            } else {
                self.escaped(c);
            }
        }
        self.text.push_str(if self.pretty { "\": " } else { "\":" });
        self
    }

    /// Starts an element; its value is to be written next.
    pub fn item(&mut self) -> &mut Json {
        self.begin();
        self
    }

    pub fn object(&mut self, fill: impl FnOnce(&mut Json)) {
        self.nest('{', '}', fill);
    }

    pub fn array(&mut self, fill: impl FnOnce(&mut Json)) {
        self.nest('[', ']', fill);
    }

    /// A string, escaped where it must be.
    pub fn string(&mut self, value: &str) {
        self.text.push('"');
        if value.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            value.chars().for_each(|c| self.escaped(c));
        } else {
            self.text.push_str(value);
        }
        self.text.push('"');
    }

    /// A value that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    fn escaped(&mut self, c: char) {
        match c {
            '"' | '\\' => self.text.extend(['\\', c]),
            '\n' => self.text.push_str("\\n"),
            c if c < ' ' => self.text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => self.text.push(c),
        }
    }

    fn nest(&mut self, start: char, end: char, fill: impl FnOnce(&mut Json)) {
        self.text.push(start);
        self.open.push(false);
        fill(self);
        if self.open.pop() == Some(true) {
            self.break_line();
        }
        self.text.push(end);
    }

    fn begin(&mut self) {
        if let Some(filled) = self.open.last_mut() {
            if std::mem::replace(filled, true) {
                self.text.push(',');
            }
            self.break_line();
        }
    }

    fn break_line(&mut self) {
        if self.pretty {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", self.open.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pretty: bool, snake_case: bool) -> String {
        let mut json = Json::new(pretty, snake_case, 0);
        json.object(|json| {
            json.key("finishReason").string("a \"b\"\n\u{1}");
            json.key("parts").array(|json| {
                json.item().raw("1");
                json.item().object(|_| {});
            });
        });
        json.finish()
    }

    #[test]
    fn layouts_and_spellings() {
        assert_eq!(sample(false, false), r#"{"finishReason":"a \"b\"\n\u0001","parts":[1,{}]}"#);
        assert!(sample(false, true).starts_with(r#"{"finish_reason":"#));
        let tight: serde_json::Value = serde_json::from_str(&sample(false, false)).unwrap();
        let airy = sample(true, false);
        assert_eq!(serde_json::to_string_pretty(&tight).unwrap(), airy);
    }

    #[test]
    fn keys_are_escaped_like_values() {
        let mut json = Json::new(false, false, 0);
        json.object(|json| json.key("a\"\u{1b}").string("b"));
        assert_eq!(json.finish(), r#"{"a\"\u001b":"b"}"#);
        assert_eq!(escape("a\"\n"), r#"a\"\n"#);
    }
}
