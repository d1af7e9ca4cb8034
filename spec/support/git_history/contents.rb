# frozen_string_literal: true

class GitHistory
  # Bytes of files. The same seed always gives the same bytes.
  module Contents
    WORDS = %w[job queue worker stage waiter issue label user project commit branch merge note diff line batch page token].freeze
    # Text that is recognisable in other encodings than UTF-8.
    FRENCH = "Le cœur déçu mais l'âme plutôt naïve, Louÿs rêva de crapaüter en canoë au delà des îles, " \
             "près du mälström où brûlent les novæ.\n" \
             "Voilà une très bonne idée, répondit l'élève à son maître étonné : où êtes-vous allés l'été passé, à la mer ou à la forêt ?\n"
    JAPANESE = "日本語の文章です。これはテストのために書かれた長い文章で、文字コードの判定に使われます。\n吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。\n"

    module_function

    # Source code with functions, so that hunk headers name them, and with repeated lines, which invite wrong alignments.
    def code(seed, lines)
      random = Random.new(seed)
      text = (0...lines).map do |number|
        case number % 12
        when 0 then "def #{WORDS.sample(random: random)}_#{random.rand(1000)}(#{WORDS.sample(random: random)})"
        when 10 then "end"
        when 11 then ""
        else "  #{WORDS.sample(random: random)}.#{WORDS.sample(random: random)}(#{random.rand(100)})"
        end
      end
      text.map { |line| "#{line}\n" }.join
    end

    # Many ways to align two of these are equally good.
    def few_words(seed, lines)
      random = Random.new(seed)
      Array.new(lines) { ["if\n", "  then\n", "\n", "end\n"].sample(random: random) }.join
    end

    # A share of the lines replaced, removed or doubled.
    def edit(text, share, random)
      lines = text.b.lines
      touched = (lines.size * share).ceil
      (0...lines.size).to_a.sample(touched, random: random).each do |index|
        lines[index] = [-> { "changed #{random.rand(10_000)}\n".b }, -> { "" }, -> { lines[index] * 2 }].sample(random: random).call
      end
      lines.join
    end

    def binary(seed, size = 2000) = Random.new(seed).bytes(size).tap { |bytes| bytes.setbyte(size / 2, 0) if size > 1 }

    # High bytes without NUL: no encoding at all.
    def garbage(seed, size = 600)
      Random.new(seed).bytes(size).tr("\0\r", "\x80\x81".b)
    end

    def crlf(text) = text.gsub("\n", "\r\n")
    def french(times = 3) = (FRENCH * times).encode("ISO-8859-1", undef: :replace, replace: "oe").b
    def shift_jis(times = 3) = (JAPANESE * times).encode("Shift_JIS").b
    def utf16(text) = "\uFEFF#{text}".encode("UTF-16LE").b
    # A NUL so late that git takes the file for text.
    def late_nul(seed) = code(seed, 600).b + "tail\0of the file\n".b
  end
end
