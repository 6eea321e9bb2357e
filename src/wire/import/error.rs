//! Why a text is no call that can be made native.

use crate::wire::curl::CurlError;

/// Why a text is no call that can be made native. No key is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("there is nothing to import; give a curl command or a JSON body")]
    Empty,
    #[error(transparent)]
    Curl(#[from] CurlError),
    #[error("a file of the body cannot be used: {why}")]
    File { why: String },
    #[error("the command sends no body; a call for a picture is a POST with a JSON body after -d")]
    NoBody,
    #[error("the body is not JSON (line {line}, column {column}){hint}")]
    NotJson { line: usize, column: usize, hint: &'static str },
    #[error("the body is no JSON object; a native one begins with {{\"contents\": …")]
    NotAnObject,
    #[error("the body has no \"contents\", which a native call needs; paste the whole body")]
    NoContents,
    #[error("the body has no text under \"prompt\", which a call of the images route needs; paste the whole body")]
    NoPrompt,
    #[error(
        "/v1/images/edits takes pictures as a form, and the native route takes them as inlineData: write \
         `unpeel send PROMPT --image FILE`"
    )]
    Edits,
    #[error("this is a chat call, not a native one; write its text as a prompt: `unpeel send PROMPT`")]
    Chat,
    #[error("the path ends in another method than generateContent and streamGenerateContent; only these make pictures")]
    OtherMethod,
    #[error("the call is none that is known: a native body has \"contents\", one of the images route has \"prompt\"")]
    Unknown,
}
