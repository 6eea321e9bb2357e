//! The form in which a generate call wants its reply.

/// One object, or one of two kinds of stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One JSON object.
    Unary,
    /// Server-sent events.
    Sse,
    /// A JSON array of what would be the events.
    Array,
}

impl Shape {
    /// The content type that Google's replies say they are.
    pub fn kind(self) -> &'static str {
        match self {
            Shape::Unary | Shape::Array => "application/json; charset=UTF-8",
            Shape::Sse => "text/event-stream",
        }
    }

    /// What stands before and after an object that is all of the reply.
    pub fn frame(self) -> (&'static str, &'static str) {
        match self {
            Shape::Unary => ("", "\n"),
            Shape::Sse => ("data: ", "\r\n\r\n"),
            Shape::Array => ("[", "]"),
        }
    }
}
