//! Why a picture is not shown.

use thiserror::Error;

/// A picture that cannot be shown; the file itself is untouched by any of these.
#[derive(Debug, Error)]
pub enum PreviewError {
    #[error("not a picture that can be shown: these {0} bytes are no PNG, JPEG, WebP or GIF")]
    NotAPicture(usize),

    #[error("the picture is {0}, which cannot be shown here (PNG, JPEG, WebP and GIF can); save it to look at it")]
    Unsupported(&'static str),

    #[error(
        "the picture says it is {width} × {height} pixels; more than {max_pixels} in all are not decoded; save it to look at it"
    )]
    TooLarge { width: u32, height: u32, max_pixels: u64 },

    #[error("the picture says it is {width} × {height} pixels; there is nothing to show")]
    Empty { width: u32, height: u32 },

    #[error("decoding the picture would need more than {max_bytes} bytes of memory; save it to look at it")]
    TooHeavy { max_bytes: u64 },

    #[error(
        "the picture's file holds more than {max_bytes} bytes beside its pixels (texts, a profile); save it to look at it"
    )]
    Stuffed { max_bytes: u64 },

    #[error("the picture cannot be decoded, it is damaged or was cut short: {0}")]
    Broken(#[source] image::ImageError),

    #[error("the picture could not be scaled: {0}")]
    Scale(#[from] fast_image_resize::ResizeError),

    #[error("viuer could not draw the picture: {0}")]
    Viuer(viuer::ViuError),

    #[error("viuer's drawing of the picture holds something else than was asked for; it is not shown")]
    Unreadable,

    #[error("the picture could not be encoded for the terminal: {0}")]
    Encode(#[source] image::ImageError),

    #[error("the picture takes {bytes} bytes even when it is made small, and {budget} are allowed (preview.budget_kb)")]
    OverBudget { bytes: usize, budget: usize },

    #[error("the pane is too small or too large for a sixel picture")]
    NoRoom,

    #[error("the picture could not be encoded as sixels: {0}")]
    Sixel(String),

    #[error("writing the picture failed: {0}")]
    Output(#[from] std::io::Error),

    #[error("a picture can be placed only after standard output was taken over by the app")]
    NotCaptured,
}

impl From<viuer::ViuError> for PreviewError {
    fn from(error: viuer::ViuError) -> Self {
        match error {
            // viuer does not give it as the source, and a reader that went away has to be told from a failure.
            viuer::ViuError::Io(error) => PreviewError::Output(error),
            other => PreviewError::Viuer(other),
        }
    }
}
