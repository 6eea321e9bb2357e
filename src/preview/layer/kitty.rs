//! kitty's graphics commands as bytes, and their way through tmux.

use super::drawn_at;
use crate::layout::Area;

/// Every picture has one placement at most, always of this number: whatever is placed later takes its place.
const PLACEMENT: u32 = 1;

pub struct Kitty {
    /// Commands are wrapped for tmux, and pictures are laid under placeholder cells that tmux knows how to move.
    pub tmux: bool,
}

impl Kitty {
    /// Shows a picture that the terminal keeps.
    pub fn place(&self, id: u32, spot: Area) -> Vec<u8> {
        let Area { width: cols, height: rows, .. } = spot;
        drawn_at(spot, &self.command(&format!("a=p,i={id},p={PLACEMENT},c={cols},r={rows},C=1,q=2")))
    }

    /// Makes placeholder cells show a picture that the terminal keeps, scaled to this many.
    pub fn place_virtual(&self, id: u32, (cols, rows): (u16, u16)) -> Vec<u8> {
        self.command(&format!("a=p,U=1,i={id},p={PLACEMENT},c={cols},r={rows},q=2"))
    }

    /// Takes a picture off the screen; the terminal keeps it.
    pub fn hide(&self, id: u32) -> Vec<u8> {
        self.command(&format!("a=d,d=i,i={id},p={PLACEMENT},q=2"))
    }

    /// Takes a picture off the screen and out of the terminal's memory.
    pub fn forget(&self, id: u32) -> Vec<u8> {
        self.command(&format!("a=d,d=I,i={id},q=2"))
    }

    /// Ends a transmission before its time: any other command would be taken for its next chunk.
    pub fn close(&self) -> Vec<u8> {
        self.command("m=0,q=2;")
    }

    /// A whole command, ready for the terminal at hand.
    pub fn wrapped(&self, command: Vec<u8>) -> Vec<u8> {
        if !self.tmux {
            return command;
        }
        let mut bytes = b"\x1bPtmux;".to_vec();
        for byte in command {
            if byte == 0x1b {
                bytes.push(0x1b);
            }
            bytes.push(byte);
        }
        bytes.extend(b"\x1b\\");
        bytes
    }

    fn command(&self, keys: &str) -> Vec<u8> {
        self.wrapped(format!("\x1b_G{keys}\x1b\\").into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_read_as_the_protocol_says() {
        let (plain, tmux) = (Kitty { tmux: false }, Kitty { tmux: true });
        let spot = Area { x: 10, y: 0, width: 60, height: 30 };
        for (bytes, expected) in [
            (plain.place(7, spot), "\x1b7\x1b[1;11H\x1b_Ga=p,i=7,p=1,c=60,r=30,C=1,q=2\x1b\\\x1b8"),
            (plain.hide(7), "\x1b_Ga=d,d=i,i=7,p=1,q=2\x1b\\"),
            (plain.forget(7), "\x1b_Ga=d,d=I,i=7,q=2\x1b\\"),
            (plain.close(), "\x1b_Gm=0,q=2;\x1b\\"),
            (tmux.forget(7), "\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=7,q=2\x1b\x1b\\\x1b\\"),
            (plain.place_virtual(7, (60, 30)), "\x1b_Ga=p,U=1,i=7,p=1,c=60,r=30,q=2\x1b\\"),
        ] {
            assert_eq!(String::from_utf8(bytes).expect("ASCII"), expected);
        }
    }
}
