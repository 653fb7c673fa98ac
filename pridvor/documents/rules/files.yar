/* What no file from a client may be or carry, by its raw bytes. Own rules, for yara-x.

   severity: malware, active-content or polyglot (codes of messages.py). What hides in compressed object streams of a
   PDF is found by the structure walk (walk.py); attachments and zip entries come here again, one by one. */

private rule is_pdf { strings: $head = "%PDF-" condition: $head at 0 }
private rule is_zip { condition: uint32be(0) == 0x504b0304 or uint32be(0) == 0x504b0506 }
private rule is_compound { condition: uint32be(0) == 0xd0cf11e0 and uint32be(4) == 0xa1b11ae1 }

rule eicar
{
    meta: severity = "malware"
    strings: $text = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    condition: $text
}

rule program_inside
{
    meta: severity = "malware"
    strings:
        $dos = "This program cannot be run in DOS mode"
        $win = "This program must be run under Win32"
    condition: any of them
}

rule encoded_powershell
{
    meta: severity = "malware"
    strings:
        $name = "powershell" nocase ascii wide
        $command = /-e(nc|ncodedcommand)?\s+[A-Za-z0-9+\/=]{40,}/ nocase
    condition: $name and $command
}

rule script_host
{
    meta: severity = "malware"
    strings:
        $shell = "WScript.Shell" nocase ascii wide
        $object = "Scripting.FileSystemObject" nocase ascii wide
        $application = "<hta:application" nocase
    condition: any of them
}

rule windows_program { meta: severity = "active-content" condition: uint16be(0) == 0x4d5a }
rule linux_program { meta: severity = "active-content" condition: uint32be(0) == 0x7f454c46 }
rule apple_program
{
    meta: severity = "active-content"
    condition: uint32be(0) == 0xfeedface or uint32be(0) == 0xfeedfacf or uint32be(0) == 0xcefaedfe
        or uint32be(0) == 0xcffaedfe or uint32be(0) == 0xcafebabe
}
rule shortcut { meta: severity = "active-content" condition: uint32be(0) == 0x4c000000 and uint32be(4) == 0x01140200 }
rule shell_script
{
    meta: severity = "active-content"
    strings: $line = /#![ \t]{0,4}\/[a-z\/]{1,40}(sh|env|python|perl|ruby)/
    condition: $line at 0
}

rule page_script
{
    meta: severity = "active-content"
    strings:
        $markup = /<(!doctype\s+html|html|svg)[\s>]/ nocase
        $element = /<(script|iframe|object|embed)[\s>]/ nocase
        $handler = /\son(load|error|click|mouseover|begin)\s*=\s*["']/ nocase
    condition: $markup and ($element or $handler)
}

rule server_script
{
    meta: severity = "active-content"
    strings: $php = "<?php" nocase fullword
    condition: $php
}

rule pdf_launch
{
    meta: severity = "active-content"
    strings: $action = /\/S\s{0,8}\/(L|#4[cC])(a|#61)(u|#75)(n|#6[eE])(c|#63)(h|#68)[\s\/<\[(>]/
    condition: is_pdf and $action
}

rule pdf_script
{
    meta: severity = "active-content"
    strings:
        $action = /\/S\s{0,8}\/(J|#4[aA])(a|#61)(v|#76)(a|#61)(S|#53)(c|#63)(r|#72)(i|#69)(p|#70)(t|#74)[\s\/<\[(>]/
    condition: is_pdf and $action
}

rule office_macro
{
    meta: severity = "active-content"
    strings: $project = "vbaProject.bin"
    condition: is_zip and $project
}

rule compound_macro
{
    meta: severity = "active-content"
    strings: $project = "_VBA_PROJECT" wide
    condition: is_compound and $project
}

rule rich_text_object
{
    meta: severity = "active-content"
    strings:
        $head = "{\\rt"
        $object = /\\obj(data|autlink|update|emb)/
    condition: $head at 0 and $object
}

rule archive_behind
{
    meta: severity = "polyglot"
    strings:
        $end = { 50 4B 05 06 }
        $entry = { 50 4B 01 02 }
    condition: not is_zip and $entry
        and for any i in (1..#end) : (@end[i] + 22 + uint16(@end[i] + 20) == filesize)
}

rule document_behind
{
    meta: severity = "polyglot"
    strings: $pdf = "%PDF-"
    condition: not is_zip and $pdf in (1..1024) and not is_pdf
}
