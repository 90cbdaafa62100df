//! Function, file and line of addresses in a dSYM, with the addr2line crate.
//!
//! use: addr2line-rs DSYM < addresses. Prints what llvm-symbolizer prints, but for demangling. Each
//! distinct address is looked up once, in ascending order, which is what suits the crate best.

use std::collections::HashMap;
use std::io::{Read, Write};

type Slice<'a> = gimli::EndianSlice<'a, gimli::LittleEndian>;

fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    bytes[at..at + width].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// The sections of the segment __DWARF, by name: "__debug_info".
fn dwarf_sections(file: &[u8]) -> HashMap<String, &[u8]> {
    let mut sections = HashMap::new();
    assert_eq!(number(file, 0, 4), 0xfeed_facf, "not a thin 64-bit Mach-O file");
    let mut at = 32;
    for _ in 0..number(file, 16, 4) {
        if number(file, at, 4) == 0x19 && file[at + 8..].starts_with(b"__DWARF\0") {
            for i in 0..number(file, at + 64, 4) as usize {
                let row = &file[at + 72 + 80 * i..at + 152 + 80 * i];
                let name = String::from_utf8_lossy(&row[..16]).trim_end_matches('\0').to_string();
                let start = number(row, 48, 4) as usize;
                sections.insert(name, &file[start..start + number(row, 40, 8) as usize]);
            }
        }
        at += number(file, at + 4, 4) as usize;
    }
    sections
}

fn text_of(context: &addr2line::Context<Slice>, address: u64) -> Result<String, gimli::Error> {
    let mut text = String::new();
    let mut frames = context.find_frames(address)?;
    while let Some(frame) = frames.next()? {
        let name = frame.function.as_ref().map(|f| f.raw_name());
        text += name.transpose()?.as_deref().unwrap_or("??");
        let place = frame.location.as_ref();
        text += &format!(
            "\n{}:{}:{}\n",
            place.and_then(|l| l.file).unwrap_or("??"),
            place.and_then(|l| l.line).unwrap_or(0),
            place.and_then(|l| l.column).unwrap_or(0)
        );
    }
    if text.is_empty() {
        text += "??\n??:0:0\n";
    }
    text.push('\n');
    Ok(text)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).expect("use: addr2line-rs DSYM < addresses");
    let file = unsafe { memmap2::Mmap::map(&std::fs::File::open(path)?)? };
    let sections = dwarf_sections(&file);
    let dwarf = gimli::Dwarf::load(|id: gimli::SectionId| -> Result<Slice, gimli::Error> {
        // Mach-O keeps sixteen characters of a name.
        let name = id.name().replacen('.', "__", 1);
        let bytes = sections.get(&name[..name.len().min(16)]).copied().unwrap_or(&[]);
        Ok(Slice::new(bytes, gimli::LittleEndian))
    })?;
    let context = addr2line::Context::from_dwarf(dwarf)?;

    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let addresses: Vec<u64> = input
        .lines()
        .map(|line| u64::from_str_radix(line.trim_start_matches("0x"), 16))
        .collect::<Result<_, _>>()?;
    let mut distinct = addresses.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let mut texts = HashMap::new();
    for address in distinct {
        texts.insert(address, text_of(&context, address)?);
    }
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    for address in addresses {
        out.write_all(texts[&address].as_bytes())?;
    }
    out.flush()?;
    Ok(())
}
