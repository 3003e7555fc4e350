package name

import "strings"

// given are first names so common that one alone names nobody. One spelling of each is enough.
const given = "Adam Ahmad Ahmed Aisha Alan Albert Alexander Alexandra Alexei Ali Alice Amina Amir Anastasia Anatoly Andrea Andreas Andrei Andrew Andriy Angela Anna Anne Anton Antonio" +
	" Arthur Artur Barbara Ben Benjamin Bernard Bogdan Boris Brian Carlos Charles Christian Christina Claudia Daniel Daria David Denis Diana Dmitry Dmytro Edward Ekaterina Elena Elizabeth Emma Erik" +
	" Eva Evgeny Fatima Felix Francis Francisco Frank Georg George Georgi Giovanni Grigory Hans Hasan Hassan Heinrich Helen Henry Hussein Ibrahim Igor Ilya Irina Ivan Jack Jacob Jakub James Jan Jana" +
	" Javier Jean Jennifer Johannes John Jose Joseph Juan Julia Karim Karl Katarina Khalid Kirill Klaus Konstantin Laura Leonid Lev Lisa Louis Lucas Luis Lukas Magdalena Mahmoud Marc Marco Margaret Maria" +
	" Marina Mario Mark Marko Martin Mary Matthew Max Maxim Maxime Michael Michel Miguel Mikhail Mohammad Mohammed Muhammad Mustafa Mykhailo Mykola Nadia Natalia Natasha Nicholas Nicolas Nikita Nikolai Nina Oksana" +
	" Oleg Oleh Oleksandr Oleksii Olga Omar Osama Oscar Patrick Paul Paula Pavel Pedro Peter Petr Philip Pierre Piotr Polina Rashid Richard Robert Roman Ruslan Samuel Sandra Sarah Sara Sergei" +
	" Serhiy Simon Sofia Sophie Stanislav Stefan Stephen Steven Susan Svetlana Tamara Tatiana Thomas Tomasz Valentin Valentina Valery Vasily Vera Victor Viktor Viktoria Vitaly Vladimir Volodymyr Walter William Yaroslav Yegor" +
	" Yelena Yulia Yuri Yusuf Zoya" +
	" Arkady Artem Bohdan Emilian Fyodor Galina Gennady Gleb Lyudmila Matvey Rustam Semyon Taras Timofey Timur Vadim Vyacheslav Yakov Zelimkhan Zinaida"

// Given are common first names, as words to compare with.
func Given() []Word {
	var words []Word
	for one := range strings.FieldsSeq(given) {
		words = append(words, Read(one))
	}
	return words
}

// Patronymic reports whether a word, in lower case, stands between first name and surname in Slavic languages.
func Patronymic(low string) bool {
	if len(low) < 5 {
		return false
	}
	for _, ending := range []string{"ович", "евич", "ьич", "овна", "евна", "ична", "овича", "евича", "овичу", "евичу", "овичем", "евичем", "овны", "евны", "івна", "івни", "ievich", "evich", "ovich", "ovych", "evych", "ovna", "evna", "ivna", "owicz", "ewicz", "owitsch", "ewitsch", "ovitch", "evitch", "ovitj", "evitj", "ovič", "evič"} {
		if strings.HasSuffix(low, ending) {
			return true
		}
	}
	return false
}
