# frozen_string_literal: true

require_relative "contents"

class GitHistory
  # Commits that git's own commands would not write, but that are found in real histories.
  class OddCommits
    WHO = "Ada Lovelace <ada@example.com> 1700000000 +0000"
    # What replaces those lines of an ordinary commit.
    ALL = {
      "an author without a name" => { author: "<nameless@example.com> 1700000000 +0000" },
      "an author of an empty name" => { author: " <empty@example.com> 1700000000 +0000" },
      "an author whose name is blank" => { author: "   <blank@example.com> 1700000000 +0000" },
      "an author whose name is a no-break space" => { author: "\u00A0 <nbsp@example.com> 1700000000 +0000" },
      "an author without a mail address" => { author: "Somebody <> 1700000000 +0000" },
      "a committer without a mail address" => { committer: "Somebody < > 1700000000 +0000" },
      "a name with spaces around it" => { author: "  Two Spaces   <two@example.com> 1700000000 +0000" },
      "a name and an address of 600 characters" => { author: "#{"é" * 600} <#{"a" * 588}@example.com> 1700000000 +0000" },
      "names of other scripts" => {
        author: "山田 太郎 👩‍💻 <taro@例え.jp> 1700000000 +0900",
        committer: "Ольга <olga@example.com> 1700000000 +0300"
      },
      "Latin-1 with an encoding header" => {
        author: "Ren\xE9 H\xE9l\xE8ne <rene@example.com> 1700000000 +0100",
        encoding: "ISO-8859-1",
        message: "Caf\xE9 ferm\xE9\n"
      },
      "Latin-1 without an encoding header" => {
        author: "Ren\xE9 H\xE9l\xE8ne <ren\xE9@example.com> 1700000000 +0100",
        message: "Caf\xE9 ferm\xE9\n"
      },
      "a long Latin-1 message" => { message: Contents.french(3) },
      "a Shift-JIS message" => { message: Contents.shift_jis(2), encoding: "Shift_JIS" },
      "garbage for a name and a message" => {
        author: "\xFF\xFE\x80\x01 <\x81@\xFE> 1700000000 +0000",
        message: Contents.garbage(500)
      },
      "quotes and angle brackets" => { author: "\"O'Neil, \\ B.\" <<b@example.com> 1700000000 +0000" },
      "a date in 2100" => { author: "A <a@example.com> 4102444800 +0000", committer: "A <a@example.com> 4102444800 +0000" },
      "the last second of 32 bits and the next one" => {
        author: "A <a@example.com> 2147483647 +0000",
        committer: "A <a@example.com> 2147483648 +0000"
      },
      "a date before 1970" => { author: "A <a@example.com> -300000000 +0000" },
      "the date 0" => { author: "A <a@example.com> 0 +0000", committer: "A <a@example.com> 0 +0000" },
      "a date that is far too large" => { author: "A <a@example.com> 99999999999999999999 +0000" },
      "a date that is no number" => { author: "A <a@example.com> yesterday +0000" },
      "a date without a zone" => { author: "A <a@example.com> 1700000000" },
      "dates of distant zones" => { author: "A <a@example.com> 1700000000 +1400", committer: "A <a@example.com> 1700000000 -0330" },
      "an empty message" => { message: "" },
      "a message of newlines" => { message: "\n\n\n" },
      "a message without a newline" => { message: "No newline" },
      "a message of CRLF lines" => { message: "Subject\r\n\r\nBody\r\n" },
      "a message with trailers" => {
        message: "Subject\n\nBody.\n\nSigned-off-by: A <a@example.com>\nReviewed-by: B\n  continued\nSigned-off-by: C <c@example.com>\n"
      },
      "a message of 70 KB" => { message: "Subject\n\n#{"A line of this long message.\n" * 2500}" },
      "a message with characters of four bytes" => { message: "🎉 \u{10FFFF} done\n" },
      "a signed commit" => {
        header: "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEzBAAB author X <x@example.com> 1 +0000\n -----END PGP SIGNATURE-----",
        message: "Signed\n"
      }
    }.freeze

    def initialize(directory)
      @directory = directory
    end

    # Another commit of the same tree and parents. Returns its sha.
    def write(template, author: WHO, committer: WHO, encoding: nil, header: nil, message: "Odd\n")
      kept = git("cat-file", "commit", template).lines.take_while { |line| line.start_with?("tree ", "parent ") }.join
      lines = ["author #{author}", "committer #{committer}", encoding && "encoding #{encoding}", header].compact.map(&:b)
      git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin_data: "#{kept}#{lines.join("\n")}\n\n".b + message.b).chomp
    end

    private

    def git(*arguments, **options)
      output, errors, status = Open3.capture3("git", "-C", @directory, *arguments, binmode: true, **options)
      raise "git #{arguments.first}: #{errors}" unless status.success?

      output
    end
  end
end
