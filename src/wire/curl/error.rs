//! Why a text is no command that can be taken over.

use super::shell::MOST_WORDS;

/// Why a text is no command that can be taken over. Nothing of the text is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurlError {
    #[error("there is no curl command in it; paste one from the word curl on, or a JSON body alone")]
    NoCommand,
    #[error("the quote that opens in line {line} is never closed; paste the whole command")]
    OpenQuote { line: usize },
    #[error("the curl command has more than {most} words; paste one command alone", most = MOST_WORDS)]
    TooLong,
    #[error("the curl command has no URL; paste the whole command")]
    NoUrl,
    #[error("the URL of the curl command cannot be read; write it like https://api.example.com/v1beta/models/…")]
    BadUrl,
    #[error("the option {option} of the curl command has nothing after it; paste the whole command")]
    NoValue { option: String },
    #[error(
        "the curl command sends a form or a file ({option}), and the native route takes JSON; pictures go along as \
         inlineData, which `unpeel send --image FILE` makes"
    )]
    Form { option: String },
    #[error(
        "the curl command takes its body from stdin (@-), where the command itself stands; save the body as a file and \
         write its name after the @"
    )]
    Stdin,
}
