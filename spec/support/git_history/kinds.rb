# frozen_string_literal: true

require_relative "changes"

class GitHistory
  # What pull requests change: a name and the changes of their only commit.
  module Kinds
    ALL = {}

    def self.kind(name, &changes) = ALL[name] = changes

    # The tree of the main branch's first commit.
    def self.first_tree(random)
      changes = Changes.new({}, random)
      40.times { |number| changes.write("src/#{number}.rb", Contents.code(number, 20 + number * 3)) }
      12.times { |number| changes.write("docs/#{number}/index.md", Contents.code(100 + number, 30)) }
      6.times { |number| changes.write("copies/#{number}.txt", Contents.code(7, 25)) }
      8.times { |number| changes.write("twins/#{number}/same.rb", Contents.edit(Contents.code(8, 60), 0.1, random)) }
      SORTING.each { |path| changes.write(path, "#{path}\n") }
      ODD_NAMES.each_with_index { |path, number| changes.write(path, Contents.code(200 + number, 10)) }
      add_special_files(changes)
      changes.tree
    end

    # Byte order, git's order and GitLab's order of these are three different ones.
    SORTING = %w[a-b a.b a/b a/c/d a/c-d a/c.d a/c0 a0 ab b/a b-a z z-/a Z/a Z].freeze
    ODD_NAMES = ["with space.txt", " leading", "trailing ", "quo\"te.txt", "tab\there.txt", "new\nline.txt", "back\\slash.txt",
                 "apo'strophe", "ünï/cödé.txt", "日本語/ファイル.txt", "latin-\xE9\xE8.txt", "bytes-\xFF\xFE/x", "-dash", "semi;colon&more",
                 "#{"long" * 50}.txt", "a\u00A0b", "cafe\u0301.txt", "café.txt"].freeze

    def self.add_special_files(changes)
      changes.write("README.md", Contents.code(300, 40))
      changes.write(".gitattributes", "*.rb binary\n*.md -diff\n*.c diff=cpp\n")
      changes.write("big.txt", Contents.code(301, 5000))
      8.times { |number| changes.write("few/#{number}.txt", Contents.few_words(310 + number, 100 << number / 2)) }
      changes.write("long.txt", (0...20).map { |number| "#{number} #{"word " * 4000}\n" }.join)
      changes.write("crlf.txt", Contents.crlf(Contents.code(302, 50)))
      changes.write("no_newline.txt", Contents.code(303, 20).chomp)
      changes.write("french.txt", Contents.french)
      changes.write("japanese.txt", Contents.shift_jis)
      changes.write("utf16.txt", Contents.utf16(Contents::FRENCH * 3))
      changes.write("garbage", Contents.garbage(304))
      changes.write("late_nul.txt", Contents.late_nul(305))
      changes.write("bin/run", "#!/bin/sh\necho run\n", "100755")
      changes.write("utf8.txt", Contents::FRENCH + Contents::JAPANESE)
      %w[1 2 3].each { |name| changes.write("empty/#{name}", "") }
      %w[png jpg].each_with_index { |name, number| changes.write("image.#{name}", Contents.binary(306 + number)) }
      changes.link("link", "README.md")
      changes.link("dangling", "no/where")
      changes.submodule("vendor/lib", 308)
    end

    # --- renames ---
    kind("a pure rename") { |c| c.move("src/5.rb", "lib/five.rb") }
    (5..95).step(5) do |share|
      kind("a rename with #{share} % of its lines changed") { |c| c.move("src/30.rb", "lib/thirty.rb", edit: share / 100.0) }
    end
    (40..80).step(4) do |share|
      kind("a rename with #{share} % of its lines replaced") do |c|
        lines = c.content("src/32.rb").lines.each_with_index.map { |line, n| n * 7 % 100 < share ? "replaced #{n * n}\n" : line }
        c.delete("src/32.rb").write("lib/thirty-two.rb", lines.join)
      end
    end
    kind("a rename within its folder, edited") { |c| c.move("src/31.rb", "src/thirty-one.rb", edit: 0.3) }
    kind("two files swapped") { |c| c.swap("src/3.rb", "src/33.rb") }
    kind("three files rotated and edited") do |c|
      c.swap("src/3.rb", "src/33.rb")
      c.swap("src/33.rb", "src/23.rb")
      c.edit("src/3.rb", 0.2)
    end
    kind("a rename of case only") { |c| c.move("README.md", "readme.md") }
    kind("a folder moved") { |c| c.move_folder("docs", "documentation/en") }
    kind("a folder moved, each of its files edited") do |c|
      c.move_folder("docs", "handbook")
      c.files("handbook/").each { |path| c.edit(path, 0.2) }
    end
    kind("a folder moved into itself") { |c| c.move_folder("docs", "docs/docs") }
    kind("files of equal content moved") { |c| 6.times { |n| c.move("copies/#{n}.txt", "equal/#{5 - n}.txt") } }
    kind("files of equal content, fewer afterwards") do |c|
      6.times { |n| n < 3 ? c.move("copies/#{n}.txt", "fewer/#{n}.txt") : c.delete("copies/#{n}.txt") }
    end
    kind("one of equal files moved three times") do |c|
      3.times { |n| c.copy("copies/0.txt", "more/#{n}.txt") }
      c.delete("copies/0.txt")
    end
    kind("similar files of one name moved and edited") do |c|
      8.times { |n| c.move("twins/#{n}/same.rb", "siblings/#{7 - n}/same.rb", edit: 0.1) }
    end
    kind("similar files of one name, renamed") { |c| 8.times { |n| c.move("twins/#{n}/same.rb", "siblings/#{n}.rb", edit: 0.15) } }
    kind("empty files moved") { |c| %w[1 2 3].each { |name| c.move("empty/#{name}", "void/#{name}") } }
    kind("empty files moved and filled") do |c|
      %w[1 2].each { |name| c.move("empty/#{name}", "void/#{name}").append("void/#{name}", "filled\n") }
    end
    kind("a rename beside a new file in its place") do |c|
      c.move("src/20.rb", "lib/20.rb", edit: 0.1)
      c.write("src/20.rb", Contents.code(400, 40))
    end
    kind("a rename with a change of mode") { |c| c.move("src/21.rb", "lib/21.rb").chmod("lib/21.rb", "100755") }
    kind("a rename of a binary file") { |c| c.move("image.png", "images/one.png") }
    kind("a rename of an edited binary file") do |c|
      c.move("image.png", "images/one.png")
      c.append("images/one.png", "more")
    end
    kind("a symbolic link moved") { |c| c.move("link", "links/link") }
    kind("a symbolic link moved and changed") { |c| c.delete("link").link("links/link", "README.mdx") }
    kind("a file moved to where a folder was") do |c|
      c.delete("a/b", "a/c/d", "a/c-d", "a/c.d", "a/c0")
      c.move("src/9.rb", "a")
    end
    kind("a folder where a file was") { |c| c.move("ab", "ab/cd") }
    kind("a large file moved and changed") { |c| c.move("big.txt", "large/big.txt").edit("large/big.txt", 0.01) }
    kind("a file split in two") do |c|
      lines = c.content("src/39.rb").lines
      c.write("src/first.rb", lines.first(lines.size / 2).join)
      c.write("src/second.rb", lines.drop(lines.size / 2).join)
      c.delete("src/39.rb")
    end
    kind("small files moved and changed") do |c|
      SORTING.first(3).each { |path| c.move(path, "small-#{path}").append("small-#{path}", "x\n") }
    end
    kind("files of odd names moved") { |c| ODD_NAMES.each_with_index { |path, n| c.move(path, "plain/#{n}") } }
    kind("files moved to odd names") { |c| 10.times { |n| c.move("src/#{n}.rb", "odd/#{n} \"\xE9\xFF\" ü\t.rb") } }
    kind("CRLF became LF on the way") { |c| c.delete("crlf.txt").write("lf.txt", Contents.code(302, 50)) }

    # --- text ---
    kind("one line changed") { |c| c.edit("src/7.rb", 0.01) }
    kind("many files changed a little") { |c| c.files("src/").each { |path| c.edit(path, 0.05) } }
    kind("a file rewritten") { |c| c.write("src/8.rb", Contents.code(401, 80)) }
    kind("files added") { |c| 5.times { |n| c.write("new/#{n}.rb", Contents.code(402 + n, 20)) } }
    kind("files deleted") { |c| c.delete("src/1.rb", "src/2.rb", "docs/3/index.md") }
    kind("everything deleted") { |c| c.delete(*c.tree.keys) }
    kind("a large file changed here and there") { |c| c.edit("big.txt", 0.01) }
    kind("a large file changed everywhere") { |c| c.edit("big.txt", 0.4) }
    kind("a large file rewritten") { |c| c.write("big.txt", Contents.code(410, 5000)) }
    kind("a patch of 200 KiB and more") { |c| c.write("huge.txt", Contents.code(411, 11_000)) }
    (-1..1).each do |more|
      # "@@ -0,0 +1 @@\n+…\n": 14 bytes of hunk header, the sign and the line's end.
      kind("a patch of 200 KiB #{format("%+d", more)} bytes") { |c| c.write("edge.txt", "#{"x" * (204_800 - 16 + more)}\n") }
    end
    kind("a file of 30,000 lines deleted") { |c| c.write("huge.txt", Contents.code(412, 30_000)) }
    kind("long lines changed") { |c| c.write("long.txt", c.content("long.txt").gsub("7 word", "7 sword")) }
    kind("a line of 150 KB") { |c| c.write("line.txt", "#{"wide " * 30_000}\n") }
    kind("CRLF lines changed") { |c| c.edit("crlf.txt", 0.2) }
    kind("CRLF became LF") { |c| c.write("crlf.txt", Contents.code(302, 50)) }
    kind("lonely CRs") { |c| c.write("cr.txt", "one\rtwo\rthree\r\r\nfour\n") }
    kind("the last newline removed") { |c| c.write("src/11.rb", c.content("src/11.rb").chomp) }
    kind("the last newline added") { |c| c.append("no_newline.txt", "\n") }
    kind("the last line changed without newline") { |c| c.write("no_newline.txt", "#{c.content("no_newline.txt")}!") }
    kind("a file without newline added") { |c| c.write("new.txt", "no newline") }
    kind("a file without newline deleted") { |c| c.delete("no_newline.txt") }
    kind("an empty file added") { |c| c.write("void.txt", "") }
    kind("empty files deleted") { |c| c.delete("empty/1", "empty/2") }
    kind("an empty file filled") { |c| c.append("empty/1", "no longer empty\n") }
    kind("a file emptied") { |c| c.write("src/12.rb", "") }
    kind("a file of one newline") { |c| c.write("newline.txt", "\n") }
    kind("white space only") { |c| c.write("src/13.rb", c.content("src/13.rb").gsub(/^  /, "\t")) }
    kind("lines that look like a diff") do |c|
      c.write("patch.diff", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\ndiff --git a/y b/y\nBinary files a and b differ\n\\ No newline\n")
    end
    kind("lines that look like a diff changed") do |c|
      c.write("src/14.rb", "-- a\n++ b\n#{c.content("src/14.rb")}")
      c.write("src/15.rb", c.content("src/15.rb").lines.drop(2).join)
    end
    kind("blank lines moved") { |c| c.write("src/34.rb", c.content("src/34.rb").gsub("\n\n", "\n").gsub("end\n", "end\n\n\n")) }
    kind("functions inserted before their like") do |c|
      lines = c.content("src/35.rb").lines
      c.write("src/35.rb", lines.insert(24, *lines[12, 12]).join)
    end
    kind("blocks of lines moved within their file") { |c| 8.times { |n| c.shuffle("src/#{28 + n}.rb", 12) } }
    kind("blocks of lines moved within a large file") { |c| c.shuffle("big.txt", 100) }
    kind("few words in many lines") { |c| 5.times { |n| c.write("words/#{n}.txt", Contents.few_words(500 + n, 400 * n)) } }
    kind("few words in many lines, changed") do |c|
      8.times { |n| c.write("few/#{n}.txt", Contents.edit(c.content("few/#{n}.txt"), 0.05 * (n + 1), c.random)) }
    end
    kind("few words in many lines, shuffled") { |c| 8.times { |n| c.shuffle("few/#{n}.txt", 3 + n) } }
    kind("long function names of two bytes a letter") do |c|
      text = (0...60).map { |n| (n % 20).zero? ? "#{"é" * 70} #{n}\n" : "  body #{n}\n" }
      c.write("wide.txt", text.join)
      c.write("src/16.rb", text.join)
    end

    # --- binary files and encodings ---
    kind("a binary file added") { |c| c.write("new.png", Contents.binary(420)) }
    kind("a binary file changed") { |c| c.write("image.jpg", Contents.binary(421)) }
    kind("a binary file deleted") { |c| c.delete("image.jpg") }
    kind("a binary file became text") { |c| c.write("image.jpg", Contents.code(422, 10)) }
    kind("text became binary") { |c| c.write("src/17.rb", Contents.binary(423)) }
    kind("a NUL in the 8,000th byte") { |c| c.write("edge.txt", "#{"x" * 7_999}\0\n") }
    kind("a NUL after the 8,000th byte") { |c| c.write("edge.txt", "#{"x" * 8_000}\0\n") }
    kind("a text with a late NUL changed") { |c| c.write("late_nul.txt", c.content("late_nul.txt").sub("tail", "tale")) }
    kind("a text with a late NUL changed far from it") { |c| c.write("late_nul.txt", "first\n#{c.content("late_nul.txt")}") }
    kind("a late NUL beside bytes that are no UTF-8") { |c| c.write("late.bin", "#{Contents.code(424, 600)}\xE9\0\xFF\n") }
    kind("Latin-1 added") { |c| c.write("new.txt", Contents.french(2)) }
    kind("Latin-1 changed") { |c| c.write("french.txt", c.content("french.txt").lines.reverse.join) }
    kind("Latin-1 in one line") { |c| c.append("src/18.rb", "# caf\xE9\n") }
    kind("Latin-1 became UTF-8") { |c| c.write("french.txt", Contents::FRENCH * 3) }
    kind("Shift-JIS added") { |c| c.write("new.txt", Contents.shift_jis(2)) }
    kind("Shift-JIS changed") { |c| c.append("japanese.txt", "日本\n".encode("Shift_JIS")) }
    kind("EUC-JP, GB18030, Big5 and KOI8-R") do |c|
      c.write("euc.txt", (Contents::JAPANESE * 3).encode("EUC-JP"))
      c.write("gb.txt", ("中文字符编码检测需要足够长的文本才能工作。\n" * 5).encode("GB18030"))
      c.write("big5.txt", ("繁體中文的字元編碼偵測需要足夠長的文字。\n" * 5).encode("Big5"))
      c.write("koi.txt", ("Съешь же ещё этих мягких французских булок, да выпей чаю.\n" * 5).encode("KOI8-R"))
    end
    kind("UTF-16 added") { |c| c.write("new.txt", Contents.utf16(Contents::FRENCH)) }
    kind("UTF-16 changed") { |c| c.write("utf16.txt", Contents.utf16(Contents::FRENCH * 4)) }
    kind("UTF-16 without NUL") { |c| c.write("new.txt", "\uFEFF#{"日本語文章" * 20}".encode("UTF-16BE")) }
    kind("UTF-8 changed") { |c| c.write("utf8.txt", c.content("utf8.txt").sub("Voil\xC3\xA0".b, "Voici")) }
    kind("a UTF-8 byte order mark") { |c| c.write("bom.txt", "\uFEFF#{Contents::FRENCH}") }
    kind("half a UTF-8 character") { |c| c.write("half.txt", "#{Contents::FRENCH}caf\xC3\n") }
    kind("garbage added") { |c| c.write("new.bin", Contents.garbage(425)) }
    kind("garbage changed") { |c| c.append("garbage", "\xFE\xFE\n") }
    kind("escape sequences") { |c| c.write("escape.txt", "\e[31mred\e[0m \x01\x02\x7F\n") }
    kind("ISO-2022-JP") { |c| c.write("mail.txt", (Contents::JAPANESE * 2).encode("ISO-2022-JP")) }

    # --- modes and types ---
    kind("a mode changed to executable") { |c| c.chmod("src/19.rb", "100755") }
    kind("a mode changed to plain, with an edit") { |c| c.write("bin/run", "#!/bin/sh\necho ran\n") }
    kind("a binary file made executable") { |c| c.chmod("image.png", "100755") }
    kind("an empty file made executable") { |c| c.chmod("empty/1", "100755") }
    kind("an executable added") { |c| c.write("bin/new", "#!/bin/sh\n", "100755") }
    kind("a file became a symbolic link") { |c| c.link("src/22.rb", "23.rb") }
    kind("a symbolic link became a file") { |c| c.write("link", Contents.code(430, 10)) }
    kind("a file became a submodule") { |c| c.submodule("src/24.rb", 431) }
    kind("a submodule became a file") { |c| c.write("vendor/lib", Contents.code(432, 5)) }
    kind("a submodule became a folder") { |c| c.delete("vendor/lib").write("vendor/lib/x.c", "int x;\n") }
    kind("a symbolic link became a submodule") { |c| c.submodule("link", 433) }
    kind("a binary file became a symbolic link") { |c| c.link("image.png", "image.jpg") }
    kind("a file became a link and moved elsewhere") do |c|
      c.move("src/25.rb", "lib/25.rb")
      c.link("src/25.rb", "../lib/25.rb")
    end
    kind("types changed beside other files") do |c|
      c.link("a/b", "c/d")
      c.edit("src/26.rb")
      c.write("link", "no link\n", "100755")
    end
    kind("a symbolic link added, changed and deleted") do |c|
      c.link("new-link", "a\nb")
      c.link("link", "src/1.rb")
      c.delete("dangling")
    end
    kind("a submodule added") { |c| c.submodule("vendor/new", 434) }
    kind("a submodule changed") { |c| c.submodule("vendor/lib", 435) }
    kind("a submodule moved") { |c| c.move("vendor/lib", "third_party/lib") }
    kind("a submodule removed") { |c| c.delete("vendor/lib") }

    # --- names and their order ---
    kind("files of names that sort differently") { |c| SORTING.each { |path| c.append(path, "x\n") } }
    kind("files of odd names") { |c| ODD_NAMES.each { |path| c.append(path, "x\n") } }
    kind("files of odd names added") { |c| ODD_NAMES.each { |path| c.write("more #{path}", "x\n") } }
    kind("files of odd names deleted") { |c| c.delete(*ODD_NAMES) }
    kind("binary files of odd names") { |c| ODD_NAMES.each_with_index { |path, n| c.write(path, Contents.binary(440 + n, 50)) } }
    kind("modes of files of odd names") { |c| ODD_NAMES.each { |path| c.chmod(path, "100755") } }
    kind("deep folders") { |c| 5.times { |n| c.write("#{(["deep"] * (20 + n)).join("/")}.txt", "#{n}\n") } }
    kind("attributes that make everything binary") do |c|
      c.write(".gitattributes", "* binary\n").edit("src/27.rb", 0.2).edit("README.md", 0.2)
    end

    # --- limits ---
    kind("a thousand files") { |c| 1000.times { |n| c.write("many/#{n}.txt", "#{n}\n") } }
    kind("1,001 files") { |c| 1001.times { |n| c.write("many/#{n}.txt", "#{n}\n") } }
    kind("1,200 files in folders") { |c| 1200.times { |n| c.write("many/#{n % 7}/#{n}.txt", "#{n}\n") } }
    kind("1,000 copies of changed files") do |c|
      c.files("src/").each { |path| 25.times { |n| c.write("#{path}.#{n}", c.content(path) + "#{n}\n".b) } }
    end
    kind("49,999 lines") { |c| 10.times { |n| c.write("lines/#{n}.txt", "#{n}\n" * (n == 9 ? 4999 : 5000)) } }
    kind("50,000 lines") { |c| 10.times { |n| c.write("lines/#{n}.txt", "#{n}\n" * 5000) } }
    kind("60,000 lines") { |c| 12.times { |n| c.write("lines/#{n}.txt", "#{n}\n" * 5000) } }
    kind("more than 5 MB") { |c| 40.times { |n| c.write("wide/#{n}.txt", "#{"x" * 1000}\n" * 150) } }
    kind("more than 5 MB of patches that are too large") { |c| 30.times { |n| c.write("wide/#{n}.txt", "#{"x" * 1000}\n" * 250) } }
    kind("patches that are too large beside others") do |c|
      6.times { |n| c.write("mixed/#{n}.txt", "#{n}#{"x" * 1000}\n" * (n.even? ? 250 : 50)) }
    end
    kind("a binary file of 6 MB") { |c| c.write("film.bin", Contents.binary(450, 6_000_000)) }
  end
end
