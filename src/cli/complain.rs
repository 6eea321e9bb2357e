//! How a command ends: its exit code, or a sentence on stderr and exit 2.

use super::output;
use crate::text::Safe;
use std::io::ErrorKind;
use std::process::ExitCode;

/// Turns the end of a command into the process's end. A reader that went away is no failure.
pub fn exit(ended: anyhow::Result<u8>) -> ExitCode {
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            for line in format!("{error:#}").lines() {
                output::tell(&Safe::of(&format!("unpeel: {line}")));
            }
            ExitCode::from(2)
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(|e| e.kind() == ErrorKind::BrokenPipe)
}
