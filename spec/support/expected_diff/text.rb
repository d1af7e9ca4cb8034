# frozen_string_literal: true

require "charlock_holmes"

class ExpectedDiff
  # Bytes of git as GitLab's text: lib/gitlab/encoding_helper.rb, encode!.
  module Text
    CONFIDENCE = 50

    module_function

    # Text of UTF-8, or of encoding BINARY if it is none.
    def encode(bytes)
      text = bytes.dup.force_encoding(Encoding::UTF_8)
      return text if text.valid_encoding?

      guess = CharlockHolmes::EncodingDetector.new.detect(text)
      return text.force_encoding(Encoding::BINARY) if guess && guess[:type] == :binary && guess[:confidence] == 100

      text.force_encoding(guess[:encoding]) if guess && guess[:encoding] && guess[:confidence] > CONFIDENCE
      clean(text)
    rescue ArgumentError
      # Ruby does not know all encodings that are detected.
      "--broken encoding: #{guess[:encoding]}"
    end

    def clean(text)
      text.encode(Encoding::UTF_16BE, undef: :replace, invalid: :replace, replace: "".encode(Encoding::UTF_16BE))
          .encode(Encoding::UTF_8).delete("\0")
    end
  end
end
